"""Honest measures: scores beside the trivial baselines, how sure they are, report and figures."""
