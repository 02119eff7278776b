"""The public Python API: one idea per module; ``import napari_iris as iris`` loads them lazily."""
