"""How a tab set looks in a Markdown site: its elements, its style sheet and its script."""
