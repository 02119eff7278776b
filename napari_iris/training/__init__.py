"""A training run: its config, one loop for both engines, and the folder it leaves."""
