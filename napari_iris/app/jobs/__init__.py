"""Jobs of the window: commands as child processes, their progress, and what became of them."""
