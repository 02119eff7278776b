"""Public cloud data sets, imported into a project."""
