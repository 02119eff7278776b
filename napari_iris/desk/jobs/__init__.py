"""The job panel, and what docks with background work have in common."""
