"""Select the samples to run, and prepare everything that their runs need."""
