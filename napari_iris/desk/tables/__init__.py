"""Tables: what they list, and how they look."""
