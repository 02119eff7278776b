"""How a frame is shown: its stretch, the masks over it, its histogram."""
