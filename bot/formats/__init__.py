"""How an assessment looks to other programs, one module per format. They decide, with no I/O."""
