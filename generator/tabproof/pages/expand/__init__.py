"""Write pages with their tabs written out (`tabproof expand`), for sites without the fence."""
