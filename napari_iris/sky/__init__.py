"""The simulator: sky, clouds and camera, from a seed to a frame and its exact truth."""

from napari_iris.sky.config import CameraConfig, GradientConfig, SimulationConfig
from napari_iris.sky.observe import SimulatedFrame
from napari_iris.sky.sample import sample_frames
from napari_iris.sky.simulate import ALONE, simulate_frame, write_frames, write_simulation
from napari_iris.sky.truth import rebin_truth

__all__ = [
    "ALONE",
    "CameraConfig",
    "GradientConfig",
    "SimulatedFrame",
    "SimulationConfig",
    "rebin_truth",
    "sample_frames",
    "simulate_frame",
    "write_frames",
    "write_simulation",
]
