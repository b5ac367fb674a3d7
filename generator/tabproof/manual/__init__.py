"""The generated parts of the manual, as HTML: the command line and the files. Pure."""
