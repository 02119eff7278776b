"""The Frames dock, and boxes that work on the open frames."""
