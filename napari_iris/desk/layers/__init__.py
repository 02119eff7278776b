"""Layers over the frames in the viewer, and the reader that makes them from files."""
