"""Keyboard shortcuts: bound in a viewer, and listed in a dialog."""
