"""Work through a project: the current frame, its mask and label, what comes next."""
