"""Counts, scores, ranking, calibration and bootstrap: arrays in, numbers out."""
