"""Thumbnails of frames with the outlines of their masks, made as they come into view."""
