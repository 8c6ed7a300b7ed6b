"""A small shop: what the how-to docs/how-to/own-repository.md trains a judge on."""
