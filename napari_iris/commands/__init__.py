"""A config as a command line, and back: defined once for the command line, the window and jobs."""
