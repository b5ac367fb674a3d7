"""Wrap the operating system: files, processes, signals and limits. Knows nothing of samples."""
