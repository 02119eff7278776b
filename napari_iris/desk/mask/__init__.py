"""The recipe's mask of the frame in view, live, and those of a whole night."""
