"""Cloud masks: the published recipe, the sky gate, mask files, a whole night of masks."""
