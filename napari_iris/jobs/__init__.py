"""Any command as a child process, with its events, progress and cancel."""
