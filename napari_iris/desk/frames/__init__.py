"""The night in the viewer: opened, stepped through, and what is made of it."""
