"""Hold the frozen data that the rest of the package passes around."""
