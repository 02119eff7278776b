"""Training: its config, one loop for Keras and Flax, and the run folder it writes."""
