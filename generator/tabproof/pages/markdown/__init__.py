"""Look of a tab set in an MkDocs page: elements, labels, style sheet, script and status line."""
