"""The Night timeline dock."""
