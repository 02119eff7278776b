"""Training a network beside the window, and the models that came of it."""
