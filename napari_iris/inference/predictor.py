"""Classify a frame, then segment it if it is cloudy."""

from __future__ import annotations

from dataclasses import replace
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_iris.errors import IrisError, ModelError
from napari_iris.frames.constant import CONSTANT_FRAME, is_constant
from napari_iris.frames.read import read_colour, read_frame
from napari_iris.frames.rebin import rebin
from napari_iris.frames.wcs import rebinned_header
from napari_iris.inference.clear_sky import compare
from napari_iris.inference.cloud_mask import is_cloud
from napari_iris.inference.evidence import evidence_of
from napari_iris.inference.model import Model, of_kind, open_model
from napari_iris.inference.network_batches import classify, segment
from napari_iris.inference.network_data import NetworkInput, NetworkOutput, entropy, network_inputs
from napari_iris.inference.prediction_file import Prediction
from napari_iris.labels import class_of
from napari_iris.matching.pixels import frame_id
from napari_iris.radiometry.reference_set import ReferenceSet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from astropy.io import fits
    from numpy.typing import NDArray

    from napari_iris.frames.site_mask import SiteMask
    from napari_iris.inference.clear_sky import ClearSky
    from napari_iris.inference.config import PredictConfig
    from napari_iris.labels import FrameClass


class Predictor:
    """A U-Net, with or without a classifier before it; or a classifier alone.

    To models that take the excess above the clear sky, `Evidence` is added.

    Parameters
    ----------
    unet : Model, optional
        Gives a probability for every pixel; without one, every pixel has the frame's.
    classifier : Model, optional
        Predicts the class of a frame; the U-Net is not run on clear frames.
    threshold : float, optional
        Probability from which a pixel is cloud, or a frame where there is no U-Net; by default the
        model's.
    turned : bool
        Whether to use test-time augmentation, see `augmented_probability`.

    Attributes
    ----------
    id : str
        Name and fingerprint of the model, and of the classifier.
    main : Model
        The U-Net, or the classifier where it is alone.
    threshold : float
        Probability from which a pixel, or a frame, is cloud.
    settings : dict
        Everything that determines the predictions, for JSON.
    clear_sky : ClearSky
        Clear-sky references that predictions are compared with, and that the excess of a frame is
        taken from where a model's input has it; none at first.
    site : SiteMask or None
        Pixels that never show the sky, see `use_site_mask`.

    Raises
    ------
    ModelError
        If a model is of the other kind, or for colour images.
    """

    def __init__(
        self,
        unet: Model | None,
        classifier: Model | None = None,
        threshold: float | None = None,
        *,
        turned: bool = False,
    ) -> None:
        self.unet = None if unet is None else of_kind("unet", unet)
        self.classifier = None if classifier is None else of_kind("vgg8", classifier)
        self._models = models = [model for model in (unet, classifier) if model is not None]
        if not models:
            raise ValueError("unet and classifier: expected one of them, received none")
        self.main = models[0]
        self.turned = turned
        self.threshold = self.main.card.threshold if threshold is None else threshold
        self.id = "+".join(model.id for model in models)
        self.settings: dict[str, Any] = {
            "model": self.id,
            "threshold": self.threshold,
            "turned": turned,
            **self.main.requested,
        }
        self.clear_sky: ClearSky = ReferenceSet()
        self.site: SiteMask | None = None

    @classmethod
    def open(
        cls, model: str | Path, classifier: str | Path | None, config: PredictConfig
    ) -> Predictor:
        """Open the models; a VGG8 that is given as the model works alone.

        Parameters
        ----------
        model, classifier : str or Path
            Model folders, or names of shipped models; see `find_classifier` for the classifier that
            belongs to a model.
        config : PredictConfig
            Settings.

        Raises
        ------
        ModelError
            If one is missing, damaged, or of the other kind.
        IrisError
            If the engine is not installed.
        """
        main = open_model(model, config.engine, config.precision)
        if main.card.network.kind == "vgg8" and classifier is None:
            if config.turned:
                raise ModelError(main.folder, "is a VGG8, for whole frames", "leave out --turned")
            return cls(None, main, config.threshold)
        first = None
        if classifier is not None:
            first = open_model(classifier, config.engine, config.precision)
        return cls(main, first, config.threshold, turned=config.turned)

    @property
    def takes_excess(self) -> bool:
        """Whether what is known of the clear sky changes the output of a model."""
        return any(one.takes_excess for one in self._models)

    @property
    def takes_colour(self) -> bool:
        """Whether a model is of colour."""
        return any(one.takes_colour for one in self._models)

    def use_site_mask(self, site: SiteMask | None) -> None:
        """Leave out pixels that never show the sky: their probability is NaN."""
        self.site = site
        if site is not None:
            self.settings["site_mask"] = "found" if site.found else site.digest

    @property
    def class_threshold(self) -> float:
        """Classifier's probability from which a frame is cloudy; NaN without a classifier."""
        if self.classifier is None:
            return nan
        return self.threshold if self.unet is None else self.classifier.card.threshold

    def load(self, path: Path, hdu: int | None = None, plane: int | None = None) -> NetworkInput:
        """Read a frame and prepare it; in any thread.

        Raises
        ------
        FileError
            If it cannot be read.
        IrisError
            If it is too small, or constant.
        """
        found = read_frame(path, hdu=hdu, plane=plane)
        colour = read_colour(path, hdu=hdu)[0] if self.takes_colour else None
        return self.prepare(found.data, found.header, colour)

    def prepare(
        self,
        frame: NDArray[np.generic],
        header: fits.Header,
        colour: NDArray[np.float32] | None = None,
    ) -> NetworkInput:
        """Bring a frame of any size to the networks' shape, and make their inputs; in any thread.

        The excess above the clear sky is that of what is known when the frame is prepared. Models
        of colour need the frame's `colour` too, see `read_colour`.

        Raises
        ------
        IrisError
            If it is too small, or constant, or grey where a model is of colour.
        """
        identity = frame_id(frame)  # of the frame as it was read
        if self.site is not None:
            frame, header = self.site.hide(frame), self.site.note_in(header)
            colour = None if colour is None else self.site.hide(colour)
        if self.takes_colour and colour is None:
            raise IrisError("the model is for colour images: predict their files, with `predict`")
        small = rebin(frame, self.main.shape)
        if is_constant(small):  # a network's output for it would be meaningless
            raise IrisError(CONSTANT_FRAME)
        header = rebinned_header(header, frame.shape, self.main.shape)
        excess = self.clear_sky.excess(small, header)
        relative = excess.relative if excess is not None and self.takes_excess else None
        x, first = network_inputs(self.unet, self.classifier, frame, small, relative, colour)
        known = evidence_of(frame, small, excess, self._models)
        return NetworkInput(small, header, x, first, identity, excess, known)

    def predict(self, frames: Sequence[NetworkInput]) -> list[Prediction]:
        """Predict some frames.

        Returns
        -------
        list of Prediction
            In order. A frame that the classifier calls clear has probability 0 everywhere; a
            classifier alone gives no cloud fraction.

        Raises
        ------
        IrisError
            If the model's output is NaN.
        """
        outputs = self.run(frames)
        return [self.finish(one, output) for one, output in zip(frames, outputs, strict=True)]

    def run(self, frames: Sequence[NetworkInput]) -> list[NetworkOutput]:
        """Run the networks on some frames; in one thread at a time."""
        outputs = [NetworkOutput(p) for p in classify(self.classifier, frames)]
        inputs: dict[int, NDArray[np.float32]] = {}
        for place, one in enumerate(frames):
            evidence, p_cloud = one.evidence_beside(self.unet), outputs[place].p_cloud
            if evidence is not None and evidence.decides and not self._is_clear(p_cloud):
                outputs[place] = NetworkOutput(p_cloud, evidence.sure)
            elif one.unet is not None and not self._is_clear(p_cloud):
                inputs[place] = one.unet
        if inputs and self.unet is not None:
            segmented = segment(self.unet, np.stack(list(inputs.values())), turned=self.turned)
            for place, found in zip(inputs, segmented, strict=True):
                outputs[place] = NetworkOutput(outputs[place].p_cloud, *found)
        return outputs

    def finish(self, one: NetworkInput, output: NetworkOutput) -> Prediction:
        """Make the prediction from the networks' output for a frame; in any thread.

        Raises
        ------
        IrisError
            If the output is NaN.
        """
        seen = np.isfinite(one.frame)
        default = np.zeros(one.frame.shape, np.float32)  # the classifier calls the frame clear
        if self.unet is None:
            default = np.full(one.frame.shape, np.float32(output.p_cloud))
        probability = default if output.probability is None else output.probability
        evidence = one.evidence_beside(self.unet)
        if evidence is not None and output.probability is not None:
            probability = evidence.of_pixels(probability, self.main.card)
        if not np.isfinite(probability).all() or (self.classifier and np.isnan(output.p_cloud)):
            raise IrisError("the model's output for it is NaN")
        spread = default if output.spread is None and self.turned else output.spread
        uncertain = output.p_cloud if output.probability is None else probability[seen]
        x = one.classifier if self.unet is None else one.unet
        prediction = Prediction(
            one.frame,
            np.where(seen, probability, np.float32(nan)),
            one.header,
            self.id,
            self.threshold,
            output.p_cloud,
            self._cloud_fraction(probability[seen]),
            float(np.mean(entropy(uncertain))),
            None if spread is None else np.where(seen, spread, np.float32(nan)),
            one.id,
            class_threshold=self.class_threshold,
            novelty=nan if x is None else self.main.novelty(x),
        )
        return compare(prediction, one.excess)

    def apply_threshold(self, prediction: Prediction) -> Prediction:
        """Apply the threshold to a prediction that the same models made with another one."""
        seen = np.isfinite(prediction.probability)
        changed = replace(
            prediction,
            threshold=self.threshold,
            cloud_fraction=self._cloud_fraction(prediction.probability[seen]),
            class_threshold=self.class_threshold,
        )
        return compare(changed, self.clear_sky.excess(changed.frame, changed.header))

    def frame_class(self, prediction: Prediction) -> FrameClass:
        """Class of a frame: cloudy where the classifier, if any, and the cloud fraction say so."""
        if self.classifier is None:
            return class_of(prediction.cloud_fraction)
        if self._is_clear(prediction.p_cloud):
            return "clear"
        return "cloudy" if self.unet is None else class_of(prediction.cloud_fraction)

    def _cloud_fraction(self, probability: NDArray[np.float32]) -> float:
        """Part of the pixels that are cloud; NaN for a classifier alone."""
        return nan if self.unet is None else float(is_cloud(probability, self.threshold).mean())

    def _is_clear(self, p_cloud: float) -> bool:
        return p_cloud < self.class_threshold
