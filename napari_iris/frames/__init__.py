"""FITS in: one frame, a lazy sequence of a million, rebin, header cards, work on many frames."""
