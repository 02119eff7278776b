"""Forms of configs, folders, lines of text, and the base classes of docks."""
