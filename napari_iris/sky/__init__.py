"""The simulator: sky, clouds and camera, from a seed to a frame and its exact truth."""

from napari_iris.sky.config import CameraConfig, GradientConfig, SimulationConfig
from napari_iris.sky.night import simulate_night
from napari_iris.sky.observe import SimulatedFrame
from napari_iris.sky.simulate import ALONE, simulate_frame, write_frames, write_simulation
from napari_iris.sky.truth import rebin_truth

__all__ = [
    "ALONE",
    "CameraConfig",
    "GradientConfig",
    "SimulatedFrame",
    "SimulationConfig",
    "rebin_truth",
    "simulate_frame",
    "simulate_night",
    "write_frames",
    "write_simulation",
]
