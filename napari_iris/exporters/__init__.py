"""A project, exported as FITS, PNG, COCO or CSV."""
