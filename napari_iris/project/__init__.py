"""One curation project: frames, labels, masks, history, queue, import and export."""
