"""The models in some folders: listed in a background thread, listed again on demand."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from psygnal import Signal

from napari_iris.app.background import Background
from napari_iris.app.places import output_folder
from napari_iris.inference.folders import BEGUN, find_model_folders
from napari_iris.networks.card import CARD
from napari_iris.networks.weights import WEIGHTS
from napari_iris.resources import models_folder
from napari_iris.training.run_folder import EPOCHS, EVALUATED_PARTS, RUN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from napari_iris.app.session import Session
    from napari_iris.app.timers import Timers
    from napari_iris.errors import IrisError
    from napari_iris.inference.folders import ModelEntry
    from napari_iris.networks.spec import Kind

REPORTS = tuple(f"{RUN}/{part}/report.json" for part in EVALUATED_PARTS)
"""Reports that the evaluation of a trained model leaves in its folder."""

WATCHED = (CARD, WEIGHTS, BEGUN, f"{RUN}/{EPOCHS}", *REPORTS)
"""Files of a model folder that change when the model or its run does."""

SCORES = {"clear IoU": "iou_clear", "MCC": "mcc", "accuracy": "accuracy"}
"""Scores in the summary of a model, where its card has them."""

NETWORKS: dict[Kind, str] = {"unet": "U-Net", "vgg8": "VGG8"}
"""Names of the networks."""


class Record(Protocol):
    """What is read of one model folder, such as a `ModelEntry`."""

    @property
    def folder(self) -> Path:
        """The model folder."""


AnyRecord = TypeVar("AnyRecord", bound=Record)


class ModelList(Generic[AnyRecord]):
    """The models in some folders, and single ones that were added.

    Parameters
    ----------
    timers : Timers
        Make timers of the thread that receives the list.
    read : callable
        Reads one model folder, in a background thread; it describes damage and raises nothing.
    runs : bool
        Whether training runs that have no best epoch yet are listed.

    Attributes
    ----------
    folders : tuple of Path
        Folders of model folders; one that does not exist has no models.
    models : tuple
        What `read` returned of each model: folder by folder, each in natural order, and then
        those that were added. A folder that is reached by two paths is listed once.
    changed : Signal
        The models differ from those before.
    refreshed : Signal
        The models were listed, changed or not.
    """

    changed = Signal()
    refreshed = Signal()

    def __init__(
        self, timers: Timers, read: Callable[[Path], AnyRecord], *, runs: bool = False
    ) -> None:
        self.folders: tuple[Path, ...] = ()
        self.models: tuple[AnyRecord, ...] = ()
        self._read, self._runs = read, runs
        self._added: list[Path] = []
        self._background = Background(timers)
        self._background.done.connect(self._take)
        self.close = self._background.close

    @property
    def is_current(self) -> bool:
        """Whether the models were listed since the last `refresh`."""
        return self._background.is_idle

    def get(self, folder: Path | None) -> AnyRecord | None:
        """Give the model of a folder; None where it is not listed."""
        return next((model for model in self.models if model.folder == folder), None)

    def set_folders(self, folders: Sequence[Path]) -> None:
        """List the models of other folders.

        Parameters
        ----------
        folders : sequence of Path
            Folders of model folders.
        """
        self.folders = tuple(folders)
        self.refresh()

    def add(self, folder: Path) -> None:
        """List one more model folder, wherever it is.

        Parameters
        ----------
        folder : Path
            The model folder; listed even if it holds no model, with what is wrong with it.
        """
        if folder not in self._added and self.get(folder) is None:
            self._added.append(folder)
        self.refresh()

    def refresh(self) -> None:
        """List the models again, in the background."""
        added = tuple(self._added)
        self._background.submit(partial(_list, self._read, self.folders, added, self._runs))

    def _take(self, found: tuple[AnyRecord, ...] | IrisError) -> None:
        if isinstance(found, Exception):
            raise found
        differs = found != self.models
        self.models = found
        if differs:
            self.changed.emit()
        self.refreshed.emit()


class CachedReader(Generic[AnyRecord]):
    """Reads a model folder only if it has changed since it was last read.

    Parameters
    ----------
    read : callable
        Reads one model folder.
    """

    def __init__(self, read: Callable[[Path], AnyRecord]) -> None:
        self._read = read
        self._known: dict[Path, tuple[tuple[int, ...], AnyRecord]] = {}

    def __call__(self, folder: Path) -> AnyRecord:
        """Read a model folder, or give what was read before."""
        stamp = tuple(_modified(folder / name) for name in WATCHED)
        known = self._known.get(folder)
        if known is None or known[0] != stamp:
            self._known[folder] = known = stamp, self._read(folder)
        return known[1]


def model_folders(session: Session) -> tuple[Path, ...]:
    """Give the folders in which models are looked for.

    Parameters
    ----------
    session : Session
        What is open.

    Returns
    -------
    tuple of Path
        That of the open project, the one beside the open frames, and that of the shipped models.
    """
    folders = [] if session.project is None else [session.project / "models"]
    if session.sequence is not None:
        folders.append(output_folder(session.sequence.paths[0].parent, "models"))
    return (*folders, models_folder())


def model_summary(model: ModelEntry) -> str:
    """Describe a model: its network, its scores on its validation frames, who trained it.

    Parameters
    ----------
    model : ModelEntry
        The model.

    Returns
    -------
    str
        Some lines; what is wrong with a damaged model.
    """
    card = model.card
    if card is None:
        return model.problem
    channels = "-".join(map(str, card.network.channels))
    lines = [f"{NETWORKS[card.network.kind]} {channels}, {card.parameters:,} parameters"]
    if card.network.planes == 2:
        lines.append("Takes the excess above the clear sky as input, where it is known")
    known = [
        f"{name} {card.metrics[key]:.3f}" for name, key in SCORES.items() if key in card.metrics
    ]
    lines.append(f"Validation: {', '.join(known)}" if known else "No scores in its card")
    if model.caution:
        lines.append(f"Caution: {model.caution} on its own frames; review it before use.")
    engine = card.training.get("engine")
    how = f" with {engine.capitalize()}" if isinstance(engine, str) else ""
    by = "Shipped with" if model.shipped else f"Trained{how} by"
    licence = f"; data: {card.data_licence}" if card.data_licence else ""
    lines.append(f"{by} napari-iris {card.version}{licence}")
    if card.classifier and model.classifier is None:
        lines.append(f"Its classifier {card.classifier} is missing.")
    return "\n".join(lines)


def model_title(model: ModelEntry) -> str:
    """Name a model in a list, with what is special about it."""
    if model.card is None:
        return f"{model.name} (damaged)"
    notes = [*(["shipped"] if model.shipped else []), *([model.caution] if model.caution else [])]
    return f"{model.name} ({', '.join(notes)})" if notes else model.name


def _list(
    read: Callable[[Path], AnyRecord], places: Sequence[Path], added: Sequence[Path], runs: bool
) -> tuple[AnyRecord, ...]:
    found: dict[Path, Path] = {}
    for place in places:
        with suppress(OSError):  # a folder that may not be read has no models
            for folder in find_model_folders(place):
                if runs or (folder / CARD).is_file():
                    found.setdefault(folder.resolve(), folder)
    for folder in added:
        found.setdefault(folder.resolve(), folder)
    return tuple(read(folder) for folder in found.values())


def _modified(path: Path) -> int:
    """When a file was last changed [ns since 1970]; 0 for one that does not exist."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
