"""Show samples on pages: the Markdown extension, tab sets, and other kinds of site."""
