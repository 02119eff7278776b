"""Models put to use: model folders, engines, whole nights predicted."""
