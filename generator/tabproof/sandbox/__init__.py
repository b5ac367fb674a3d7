"""Where samples run: an isolated file system and network, with the mock API inside."""
