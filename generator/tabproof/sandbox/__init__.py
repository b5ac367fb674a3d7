"""Run samples in an isolated file system and network, with the mock API inside."""
