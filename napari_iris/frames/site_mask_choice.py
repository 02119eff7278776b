"""The option that chooses a site mask, in words; imports nothing, for quick help."""

CHOICE_TEXT = (
    "pixels that never show the sky, and are ignored: auto, those of the project, or all outside "
    "a fisheye's circle; none; a FITS image, 1 where there is never sky; or a DS9 region file"
)
"""Help of the option ``--site-mask``."""
