"""Files, processes, interruption and limits: what the operating system gives. Knows no sample."""
