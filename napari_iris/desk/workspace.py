"""The application models of one viewer, made once and handed to all of its docks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from napari.settings import get_plugin_settings

from napari_iris.app.keys import VIEW
from napari_iris.app.remembered import Remembered
from napari_iris.app.session import Session
from napari_iris.app.view.shown import Shown
from napari_iris.desk.forms.keyboard import enter_next_dock
from napari_iris.desk.keys.chosen import Keys
from napari_iris.desk.layers.first_layer import FirstLayer
from napari_iris.desk.layers.frame_fit import FrameFit
from napari_iris.desk.layers.frames_layer import FramesLayer
from napari_iris.desk.layers.project_layers import ProjectLayers
from napari_iris.desk.timers import QtTimers

if TYPE_CHECKING:
    import napari

    from napari_iris.app.clear_sky import ClearSky
    from napari_iris.app.curation.curation import Curation
    from napari_iris.app.curation.decisions import Decisions
    from napari_iris.app.curation.run_labels import RunLabels
    from napari_iris.app.curation.site_masks import SiteMasks
    from napari_iris.app.curation.teaching import Teaching
    from napari_iris.app.curation.undo import Undo
    from napari_iris.app.form import Form
    from napari_iris.app.prediction.acceptance import Acceptance
    from napari_iris.app.prediction.blink import Blink
    from napari_iris.app.prediction.current import CurrentPrediction
    from napari_iris.app.prediction.truth import CurrentTruth
    from napari_iris.app.view.histogram import Suggestions
    from napari_iris.app.view.stretch import FrameStretch, Preferences
    from napari_iris.desk.layers.prediction_layers import PredictionLayers
    from napari_iris.desk.predict.open_docks import OpenDocks
    from napari_iris.masks.config import MaskConfig

PLUGIN = "napari-iris"
"""Name of the plugin in napari's settings."""

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
    keys : Keys
        The keys that a person has chosen.
    timers : QtTimers
        Timers of the window's thread.
    shown : Shown
        Which layers lie over the frames.
    remembered : Remembered
        What comes back in the next window.
    session : Session
        The open sequence, the current frame, the open project.
    frames : FramesLayer
        The layer of the open sequence.
    project_layers : ProjectLayers
        The layers of the open project.
    """

    def __init__(self, viewer: napari.Viewer) -> None:
        settings = get_plugin_settings(PLUGIN)
        self._preferences: Preferences = settings.view
        self.keys = Keys(settings.keyboard)
        self.timers = QtTimers()
        self._first_layer = FirstLayer(self.timers)
        self.session = Session(self.timers)
        self.shown = Shown(self._preferences)
        self.remembered = Remembered(self.timers)
        self.frames = FramesLayer(viewer, self.session, self.shown, self.remembered)
        self.project_layers = ProjectLayers(self.frames)
        self._fit = FrameFit(self.frames)
        if self.remembered.kept.y_up:
            viewer.scene.camera.orientation2d = ("up", "right")
        viewer.scene.camera.events.orientation.connect(self._keep_axis)

    def _keep_axis(self) -> None:
        up = self.frames.viewer.scene.camera.orientation2d[0]
        self.remembered.keep(y_up=bool(up == "up"))

    @cached_property
    def clear_sky(self) -> ClearSky:
        """The clear-sky references of the open frames."""
        from napari_iris.app.clear_sky import ClearSky
        from napari_iris.app.current_excess import CurrentExcess
        from napari_iris.desk.layers.status_line import StatusLine

        clear_sky = ClearSky(self.session)
        self._status_line = StatusLine(self.frames, CurrentExcess(self.session, clear_sky))
        return clear_sky

    @cached_property
    def stretch(self) -> FrameStretch:
        """The stretch of the current frame."""
        from napari_iris.app.view.stretch import FrameStretch
        from napari_iris.desk.layers.stretch_layer import StretchLayer

        layer = StretchLayer(self.frames)
        stretch = FrameStretch(self.session, self.clear_sky, layer, self._preferences)
        layer.moved.connect(stretch.keep_limits)
        actions = {
            "masks": self.shown.next_style,
            "stretch": stretch.next,
            "dock": enter_next_dock,
        }
        self.keys.bind(self.frames.viewer, VIEW, actions)
        return stretch

    @cached_property
    def mask_settings(self) -> Form[MaskConfig]:
        """The settings of the Mask dock, which a new project starts with."""
        from napari_iris.app.form import config_form
        from napari_iris.masks.config import MaskConfig

        return config_form(MaskConfig)

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
    def teaching(self) -> Teaching:
        """Learns the clear sky of a project from frames called clear."""
        from napari_iris.app.curation.teaching import Teaching

        return Teaching(self.decisions, self.clear_sky)

    @cached_property
    def suggestions(self) -> Suggestions:
        """Thresholds that methods suggest for the current frame."""
        from napari_iris.app.view.histogram import Suggestions

        return Suggestions(self.curation, self.clear_sky)

    @cached_property
    def site_masks(self) -> SiteMasks:
        """The site mask of the open project."""
        from napari_iris.app.curation.site_masks import SiteMasks

        return SiteMasks(self.curation, self.teaching)

    @cached_property
    def run_labels(self) -> RunLabels:
        """Labels runs of frames of a project by one decision."""
        from napari_iris.app.curation.run_labels import RunLabels

        return RunLabels(self.decisions, self.clear_sky)

    @cached_property
    def undo(self) -> Undo:
        """Takes the last step or decision on the project back."""
        from napari_iris.app.curation.undo import Undo

        return Undo(self.decisions, self.run_labels.jobs)

    @cached_property
    def prediction_layers(self) -> PredictionLayers:
        """The layers of the prediction and of its errors."""
        from napari_iris.desk.layers.prediction_layers import PredictionLayers

        return PredictionLayers(self.frames)

    @cached_property
    def prediction(self) -> CurrentPrediction:
        """The prediction of the current frame."""
        from napari_iris.app.prediction.current import CurrentPrediction

        return CurrentPrediction(self.session, self.prediction_layers)

    @cached_property
    def truth(self) -> CurrentTruth:
        """The reference mask that the prediction is compared with."""
        from napari_iris.app.prediction.truth import CurrentTruth

        return CurrentTruth(self.prediction)

    @cached_property
    def blink(self) -> Blink:
        """Blinks between the prediction and the truth."""
        from napari_iris.app.prediction.blink import Blink

        return Blink(self.prediction, self.truth, self.curation)

    @cached_property
    def acceptance(self) -> Acceptance:
        """Accepts the prediction as label."""
        from napari_iris.app.prediction.acceptance import Acceptance

        return Acceptance(self.prediction, self.decisions)

    @cached_property
    def prediction_docks(self) -> OpenDocks:
        """The Predict and Review docks that are open."""
        from napari_iris.desk.predict.open_docks import OpenDocks

        layers, prediction = self.prediction_layers, self.prediction
        return OpenDocks(self.frames, layers, prediction, self.acceptance, self.blink, self.keys)
