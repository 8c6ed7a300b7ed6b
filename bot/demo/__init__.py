"""The demonstration: a stand-in forge, a change that a model wrote, and tests that know better."""
