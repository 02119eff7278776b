"""Where predictions are wrong or unsure, frame by frame and over a night."""
