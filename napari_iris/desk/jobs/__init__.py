"""What runs beside the window: a command, a function, and how far it is."""
