"""Generate the reference parts of the manual: commands, file formats, cases and the proof table."""
