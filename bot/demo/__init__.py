"""The demonstration: a stand-in forge, a change that a model wrote, and the tests that know the truth."""
