"""The domain: what is collected and what follows from it. Standard library only, no I/O."""
