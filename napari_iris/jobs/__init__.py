"""Commands as child processes, with their events, progress and cancel."""
