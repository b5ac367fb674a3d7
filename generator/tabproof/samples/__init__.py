"""Manage `samples/`: its files, its manifest, and the record of results."""
