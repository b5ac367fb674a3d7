"""Render samples: turn a scenario, a variant and a language into source code. Pure."""
