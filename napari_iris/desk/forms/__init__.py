"""Rows that edit the fields of a config, and boxes with a title."""
