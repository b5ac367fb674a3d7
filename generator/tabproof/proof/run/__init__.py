"""Make the runs: on this machine or on others."""
