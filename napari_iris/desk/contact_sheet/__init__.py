"""The Contact sheet dock."""
