"""Inference: model folders, engines, prediction of many frames."""
