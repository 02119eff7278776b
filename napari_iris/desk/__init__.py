"""The window: napari reader, writer, sample night and docks. The only room that knows Qt."""
