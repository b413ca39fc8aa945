"""Use cases, one a module, called by the command line and the scheduler alike."""
