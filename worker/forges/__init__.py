"""Outbound translation: our types become a forge's API calls."""
