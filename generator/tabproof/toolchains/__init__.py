"""Find, install and query the programs that run, lint and parse samples."""
