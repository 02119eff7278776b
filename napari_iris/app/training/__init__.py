"""Training runs of the window: form, data, device, progress, models."""
