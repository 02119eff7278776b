"""Files: atomic writes, CSV tables, locks, FITS blocks."""
