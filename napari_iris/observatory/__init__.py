"""What an observatory reads: whether the sky is safe to open under, and why not."""
