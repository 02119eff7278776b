"""Review of stored predictions: tables, scores, cloud cover, and the evaluation as a job."""
