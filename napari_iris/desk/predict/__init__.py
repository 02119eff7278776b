"""The Predict dock and what it shares with the Review dock."""
