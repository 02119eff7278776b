"""The command line: everything the window can do, without a window."""
