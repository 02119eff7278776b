"""Files: written atomically, FITS blocks."""
