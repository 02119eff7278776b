"""From labelled frames to batches: selection, honest split, augmentation."""

from napari_iris.dataset.augment import AugmentConfig, augment
from napari_iris.dataset.batches import Batch, Batches
from napari_iris.dataset.check import check
from napari_iris.dataset.find import Which, find_samples
from napari_iris.dataset.labels import class_weights, data_hash
from napari_iris.dataset.samples import Sample, Samples, Source
from napari_iris.dataset.selection import select
from napari_iris.dataset.simulated import Joined, SimulatedSamples
from napari_iris.dataset.split import Parts, SplitConfig, split_samples
from napari_iris.dataset.usable import only_usable

__all__ = [
    "AugmentConfig",
    "Batch",
    "Batches",
    "Joined",
    "Parts",
    "Sample",
    "Samples",
    "SimulatedSamples",
    "Source",
    "SplitConfig",
    "Which",
    "augment",
    "check",
    "class_weights",
    "data_hash",
    "find_samples",
    "only_usable",
    "select",
    "split_samples",
]
