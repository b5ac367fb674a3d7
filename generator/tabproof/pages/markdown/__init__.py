"""Decide how a tab set looks: elements, links, style sheet, script, status line and errors."""
