"""What the first files of a scenario and of a language are written from."""
