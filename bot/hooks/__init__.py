"""Inbound translation: a forge's headers and bytes become a `ReviewJob` or `Ignored`."""
