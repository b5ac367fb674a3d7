"""What a proof came to, as people and as other programs read it."""
