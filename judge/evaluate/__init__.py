"""Measure judges. Nothing that serves imports this package."""
