"""Make samples wrong on purpose, and check that the proof notices."""
