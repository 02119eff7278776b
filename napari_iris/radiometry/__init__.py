"""The clear sky of a camera: statistics of frames, its reference, and the excess above it."""
