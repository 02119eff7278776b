"""Commands as lists of words, made from a config.

Options that have their default are omitted, so that a copied command is short.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.commands.configs import EVALUATE, EXPORT, MASK, NETWORK, PREDICT, TRAIN
from napari_iris.commands.options import option_words

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from napari_iris.evaluation.config import EvaluateConfig
    from napari_iris.exporters.export import ExportConfig
    from napari_iris.inference.config import PredictConfig
    from napari_iris.masks.config import MaskConfig
    from napari_iris.networks.spec import Kind
    from napari_iris.training.config import TrainConfig

    PathLike = str | os.PathLike[str]

NO_CLASSIFIER = "none"
"""Value of ``--classifier`` for a U-Net that is used alone."""


def mask_command(frames: Iterable[PathLike], out: PathLike, config: MaskConfig) -> list[str]:
    """Write the command that makes masks.

    Parameters
    ----------
    frames : iterable of str or path
        Files, folders, globs or ``@list.txt``.
    out : str or path
        Folder for the masks.
    config : MaskConfig
        How they are made.

    Returns
    -------
    list of str
        The command, without ``napari-iris``.
    """
    return ["mask", *map(str, frames), "--out", str(out), *MASK.words(config, MASK.config())]


def predict_command(
    model: PathLike,
    frames: Iterable[PathLike],
    out: PathLike,
    config: PredictConfig,
    classifier: PathLike | None = None,
) -> list[str]:
    """Write the command that predicts frames.

    Parameters
    ----------
    model : str or path
        Folder of the model, or name of a shipped one.
    frames : iterable of str or path
        Files, folders, globs or ``@list.txt``.
    out : str or path
        Folder for the predictions.
    config : PredictConfig
        How they are made.
    classifier : str or path, optional
        Folder or name of the VGG8 that skips clear frames, or `NO_CLASSIFIER`; by default the one
        named in the model's card.

    Returns
    -------
    list of str
        The command, without ``napari-iris``.
    """
    words = ["predict", str(model), *map(str, frames), "--out", str(out)]
    words += option_words("classifier", None if classifier is None else str(classifier))
    return words + PREDICT.words(config, PREDICT.config())


def evaluate_command(
    predictions: PathLike,
    truth: PathLike,
    out: PathLike,
    config: EvaluateConfig,
    *,
    figures: bool = True,
    overwrite: bool = False,
) -> list[str]:
    """Write the command that evaluates predictions.

    Parameters
    ----------
    predictions, truth : str or path
        Folder of the predictions, and the labelled frames.
    out : str or path
        Folder for the report.
    config : EvaluateConfig
        How they are evaluated.
    figures : bool
        Whether figures are drawn.
    overwrite : bool
        Whether a report on other predictions is replaced.

    Returns
    -------
    list of str
        The command, without ``napari-iris``.
    """
    words = ["evaluate", str(predictions), str(truth), "--out", str(out)]
    words += EVALUATE.words(config, EVALUATE.config())
    words += [] if figures else option_words("figures", value=False)
    return [*words, *option_words("overwrite", value=True)] if overwrite else words


def index_command(
    project: PathLike, frames: Iterable[PathLike], config: MaskConfig | None = None
) -> list[str]:
    """Write the command that adds frames to a project, with automatic masks.

    Parameters
    ----------
    project : str or path
        Folder of the project.
    frames : iterable of str or path
        Files, folders or globs.
    config : MaskConfig, optional
        How the masks are made; the default config by default.

    Returns
    -------
    list of str
        The command, without ``napari-iris``.
    """
    options = MASK.words(config or MASK.config(), MASK.config())
    return ["project", str(project), "index", *map(str, frames), *options]


def remake_command(project: PathLike, config: MaskConfig) -> list[str]:
    """Write the command that makes the automatic masks of a project again.

    Parameters
    ----------
    project : str or path
        Folder of the project.
    config : MaskConfig
        How the masks are made.

    Returns
    -------
    list of str
        The command, without ``napari-iris``.
    """
    return ["project", str(project), "remake-masks", *MASK.words(config, MASK.config())]


def export_command(project: PathLike, out: PathLike, config: ExportConfig) -> list[str]:
    """Write the command that exports the labels of a project.

    Parameters
    ----------
    project, out : str or path
        Folder of the project, and the one to write to.
    config : ExportConfig
        Which labels, and how.

    Returns
    -------
    list of str
        The command, without ``napari-iris``.
    """
    options = EXPORT.words(config, EXPORT.config())
    return ["project", str(project), "export", "--out", str(out), *options]


def backup_command(project: PathLike, out: PathLike) -> list[str]:
    """Write the command that backs a project up.

    Parameters
    ----------
    project, out : str or path
        Folder of the project, and the one to write to.

    Returns
    -------
    list of str
        The command, without ``napari-iris``.
    """
    return ["project", str(project), "backup", "--out", str(out)]


def take_command(project: PathLike, predictions: PathLike) -> list[str]:
    """Write the command that adds predictions to a project as model masks.

    Parameters
    ----------
    project, predictions : str or path
        Folder of the project, and of the predictions.

    Returns
    -------
    list of str
        The command, without ``napari-iris``.
    """
    return ["project", str(project), "take", str(predictions)]


def train_command(
    config: TrainConfig,
    data: PathLike | None,
    out: PathLike,
    *,
    init: str = "",
    evaluate: bool = True,
    predictions: PathLike | None = None,
) -> list[str]:
    """Write the command that starts a training run.

    Parameters
    ----------
    config : TrainConfig
        The run.
    data : str or path, or None
        The labelled frames; not used where the model is adapted to frames without labels.
    out : str or path
        Folder for the model.
    init : str
        Folder or name of the model to start from; empty for new weights. Its network and
        normalisation are the command's defaults, so these are always written.
    evaluate : bool
        Whether the model is evaluated after the training.
    predictions : str or path, optional
        Folder for the predictions of the validation and test frames; by default, none is kept.

    Returns
    -------
    list of str
        The command, without ``napari-iris``.
    """
    kind = config.network.kind
    default = TRAIN.config.of(NETWORK.config(kind=kind), adapt=config.adapt)
    source = [str(data)] if config.adapt is None else list(option_words("adapt", config.adapt))
    words = ["train", kind, *source, "--out", str(out)]
    words += NETWORK.words(config.network, None if init else default.network)
    words += TRAIN.words(config, default)
    if init:
        if config.normalisation == default.normalisation:
            words += option_words("normalisation", config.normalisation)
        words += option_words("init", init)
    words += [] if evaluate else option_words("evaluate", value=False)
    return words + list(option_words("save_predictions", predictions))


def resume_command(
    kind: Kind,
    data: PathLike | None,
    out: PathLike,
    *,
    epochs: int | None = None,
    patience: int | None = None,
) -> list[str]:
    """Write the command that continues a training run; its other options are in its folder.

    Parameters
    ----------
    kind : {'unet', 'vgg8'}
        The network.
    data : str or path, or None
        The labelled frames; None for a run without.
    out : str or path
        Folder of the model.
    epochs, patience : int, optional
        New values; by default those that the run was started with.

    Returns
    -------
    list of str
        The command, without ``napari-iris``.
    """
    words = ["train", kind, *([] if data is None else [str(data)]), "--out", str(out), "--resume"]
    return [*words, *option_words("epochs", epochs), *option_words("patience", patience)]
