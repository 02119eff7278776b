"""The ways in which a verdict is published; each knows one format or protocol."""
