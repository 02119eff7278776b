"""A config as a command line, and back: said once for the command line, the window and jobs."""
