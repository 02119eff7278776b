"""Base classes of the tables: model and view."""
