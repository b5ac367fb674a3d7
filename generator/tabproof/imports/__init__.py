"""Turn what people have already, such as a `curl` command, into a scenario."""
