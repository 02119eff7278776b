"""Campaigns: a million frames in shards on many machines, and their results as of one run."""
