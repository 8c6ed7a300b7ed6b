"""Build labelled data and train judges. Nothing that serves imports this package."""
