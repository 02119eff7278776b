"""Which frame a prediction, a mask or a label belongs to."""
