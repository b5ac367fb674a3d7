"""Read `templates/` and the settings into the model, with the line of each fault."""
