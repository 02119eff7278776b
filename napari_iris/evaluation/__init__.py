"""Evaluation: scores beside the trivial baselines, confidence intervals, report and figures."""
