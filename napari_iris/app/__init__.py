"""Application models of the window, on psygnal: no Qt, no napari."""
