"""Cloud masks for thermal sky cameras: a napari plugin and an equal command line."""

__version__ = "0.1.0"
