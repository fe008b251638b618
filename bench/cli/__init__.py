"""The commands, one file per group. What a command needs is imported inside it, so that the others start quickly."""
