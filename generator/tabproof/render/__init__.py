"""Turn the model into text: a scenario in a variant and a language becomes a sample. Pure."""
