"""The dashboard: pages for people, behind sign-in, served beside the receiver."""
