"""A person's work on a project: correct, decide, and what comes next."""
