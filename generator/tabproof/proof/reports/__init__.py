"""Write the results of a proof for people and for other programs."""
