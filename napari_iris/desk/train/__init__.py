"""The Train dock: training in the background, and the trained models."""
