"""The Mask dock: the mask of the current frame, live, and masks of many frames."""
