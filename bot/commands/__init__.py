"""The commands of `gavel`, one module per group, each with `register(app)`. They act."""
