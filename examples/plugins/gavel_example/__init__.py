"""A judge and a forge that plug into Gavel."""
