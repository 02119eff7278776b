"""Curves in the window's own colours, and their axes."""
