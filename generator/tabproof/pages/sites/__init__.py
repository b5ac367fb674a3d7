"""Write tab sets for each kind of site that cannot read the fence."""
