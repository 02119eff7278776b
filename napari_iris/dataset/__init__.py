"""From labelled frames to batches: finding, checking, splitting, augmenting."""

from napari_iris.dataset.augment import AugmentConfig, augment
from napari_iris.dataset.batch import Batch
from napari_iris.dataset.batches import Batches
from napari_iris.dataset.class_weights import class_weights
from napari_iris.dataset.data_hash import data_hash
from napari_iris.dataset.find import find_samples
from napari_iris.dataset.label_check import check_labels
from napari_iris.dataset.samples import Sample, Samples, SampleSource
from napari_iris.dataset.simulated import ConcatenatedSamples, SimulatedSamples
from napari_iris.dataset.split import Split, SplitConfig, split_samples
from napari_iris.dataset.usable import drop_unusable

__all__ = [
    "AugmentConfig",
    "Batch",
    "Batches",
    "ConcatenatedSamples",
    "Sample",
    "SampleSource",
    "Samples",
    "SimulatedSamples",
    "Split",
    "SplitConfig",
    "augment",
    "check_labels",
    "class_weights",
    "data_hash",
    "drop_unusable",
    "find_samples",
    "split_samples",
]
