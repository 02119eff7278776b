"""The application models of one viewer, made once and handed to all of its docks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from napari_iris.app.session import Session
from napari_iris.desk.layers.frames_layer import FramesLayer
from napari_iris.desk.layers.project_layers import ProjectLayers
from napari_iris.desk.timers import QtTimers

if TYPE_CHECKING:
    import napari

    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.curation.decisions import Decisions
    from napari_iris.desk.predict.prediction import PredictionInView

_WORKSPACES: WeakKeyDictionary[Any, Workspace] = WeakKeyDictionary()


def workspace_of(viewer: napari.Viewer) -> Workspace:
    """Give the workspace of a viewer: the one thing that napari hands to a dock is the viewer."""
    model = getattr(viewer, "__wrapped__", viewer)
    if model not in _WORKSPACES:
        _WORKSPACES[model] = Workspace(model)
    return _WORKSPACES[model]


class Workspace:
    """What the docks of one viewer share.

    Parameters
    ----------
    viewer : napari.Viewer
        The viewer; it is not kept alive.

    Attributes
    ----------
    timers : QtTimers
        Timers of the window's thread.
    session : Session
        The open sequence, the current frame, the open project.
    frames : FramesLayer
        The layer of the open sequence.
    project_layers : ProjectLayers
        The layers of the open project.
    """

    def __init__(self, viewer: napari.Viewer) -> None:
        self.timers = QtTimers()
        self.session = Session(self.timers)
        self.frames = FramesLayer(viewer, self.session)
        self.project_layers = ProjectLayers(self.frames)

    @cached_property
    def curation(self) -> Curation:
        """A person's work on the open project."""
        from napari_iris.app.curation.curation import Curation

        return Curation(self.session, self.project_layers)

    @cached_property
    def decisions(self) -> Decisions:
        """The decisions on the current frame of the project."""
        from napari_iris.app.curation.decisions import Decisions

        return Decisions(self.curation)

    @cached_property
    def prediction(self) -> PredictionInView:
        """The prediction of the current frame."""
        from napari_iris.desk.predict.prediction import PredictionInView

        return PredictionInView(self.session, self.frames, self.decisions)
