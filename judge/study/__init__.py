"""Rerun the study: every system on the same candidates. Nothing that serves imports this."""
