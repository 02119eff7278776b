"""The prediction of the current frame, the reference mask it is compared with, the models."""
