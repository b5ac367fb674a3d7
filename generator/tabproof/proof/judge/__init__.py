"""Judge what runs did, and compare the languages with each other."""
