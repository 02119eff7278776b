"""FITS in: one frame, a lazy sequence of a million, rebin, normalise, header facts."""
