"""From labelled frames to batches: finding, checking, splitting, augmenting."""
