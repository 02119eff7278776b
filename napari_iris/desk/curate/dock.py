"""The Curate dock: review the frames of a project, one key each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_warning
from qtpy.compat import isalive
from qtpy.QtWidgets import QSizePolicy

from napari_iris.app.curation.actions import curation_actions
from napari_iris.app.curation.other_masks import OtherMasks
from napari_iris.app.keys import CURATION, RUN, TIPS, UNDO
from napari_iris.app.view.histogram import METHODS
from napari_iris.desk.curate.decision_box import DecisionBox
from napari_iris.desk.curate.mouse_tools import MouseTools
from napari_iris.desk.curate.pages import Pages
from napari_iris.desk.curate.project_box import ProjectBox
from napari_iris.desk.curate.queue_box import QueueBox
from napari_iris.desk.curate.reference_box import ReferenceBox
from napari_iris.desk.curate.run_box import RunBox
from napari_iris.desk.curate.site_box import SiteBox
from napari_iris.desk.curate.tools_box import ToolsBox
from napari_iris.desk.forms.controls import TextLine, button, by_tab
from napari_iris.desk.forms.dock import CanvasDock
from napari_iris.desk.forms.layout import Wide, boxed, titled
from napari_iris.desk.forms.question import ask
from napari_iris.desk.frames.welcome import Welcome
from napari_iris.desk.jobs.close_guard import CloseGuard
from napari_iris.desk.keys.binding import bind, unbind
from napari_iris.desk.keys.dialog import ShortcutsDialog
from napari_iris.desk.timers import connect
from napari_iris.desk.workspace import workspace_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import napari
    from qtpy.QtGui import QResizeEvent
    from qtpy.QtWidgets import QPushButton

WIDTH = 370
"""Least width of the dock, in pixels."""

RUN_PAGE = "Run of frames"
"""Title of the page that is in front while a run is previewed."""


class CurateDock(CanvasDock):
    """Correct, approve and reject the masks of a project.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        The viewer it is docked to.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__()
        self.viewer = napari_viewer
        workspace = workspace_of(napari_viewer)
        self.curation, self._layers = workspace.curation, workspace.project_layers
        self.decisions, self.others = workspace.decisions, OtherMasks(self.curation)
        self.project = ProjectBox(self.curation, workspace.mask_settings)
        self.decision = DecisionBox(self.decisions, self.others)
        self.reference = ReferenceBox(workspace.session, workspace.clear_sky, workspace.teaching)
        self._teaching, self._runs = workspace.teaching, workspace.run_labels
        self._keys = workspace.keys
        self.run, self._undo = RunBox(self._runs), workspace.undo
        self._suggestions = workspace.suggestions
        self.tools = ToolsBox(self.curation, workspace.suggestions)
        self.site = SiteBox(workspace.site_masks, napari_viewer.layers)
        self.queue = QueueBox(self.curation, workspace.remembered)
        self.welcome = Welcome(workspace.frames)
        self.message, self.progress = TextLine(selectable=True), TextLine()
        self.message.hide()
        self.shortcuts = button("Shortcuts...", TIPS["keys"], self.show_shortcuts)
        by_tab(self.shortcuts)
        self._dialog: ShortcutsDialog | None = None
        self._mouse: MouseTools | None = None
        self._run_keys: list[Any] = []
        self._guard = CloseGuard(self, self._may_close, self._release)
        self._lay_out()
        self.work_in(workspace, "curate")
        self.actions = self._actions()
        self._keys.bind(self.viewer, CURATION, self.actions)
        bind(self.viewer, UNDO, self.actions)
        for name, pressed in self._buttons().items():
            pressed.clicked.connect(lambda _=False, act=self.actions[name]: act())
        connect(self._keys.changed, self._show_keys)
        self._show_keys()
        connect(self.curation.message_changed, self.message.show_text)
        connect(self.curation.project_changed, self._follow_project)
        connect(self._runs.changed, self._follow_run)
        self._follow_run()

    def _lay_out(self) -> None:
        sky = boxed(titled("Clear-sky reference", self.reference), titled("Site mask", self.site))
        pages = {"Edit mask": self.tools, RUN_PAGE: self.run, "Sky": sky}
        self.pages = Pages(pages, self.queue)
        frame = titled("Current frame", self.decision)
        frame.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.work = boxed(frame, self.pages, Wide(self.pages.below))
        self.work.hide()
        self.pages.setCornerWidget(self.shortcuts)
        self.fill(
            self.welcome,
            titled("Project", self.project),
            Wide(self.work),
            *(self.message, self.progress, self.reference.progress),
            None,
            width=WIDTH,
        )

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Give the list of frames a place of its own where there is room."""
        self.pages.fit(event.size().height())
        super().resizeEvent(event)

    def _actions(self) -> dict[str, Callable[[], object]]:
        reason = self.decision.reason.currentText
        actions = curation_actions(
            self.decisions, self.others, self._teaching, self._runs, self._undo, reason
        )
        take = self._suggestions.take
        return {
            **actions,
            **{method: partial(take, method) for method in METHODS},
            "threshold": lambda: self._use_mouse(lambda tools: tools.toggle("threshold")),
            "scribble": lambda: self._use_mouse(lambda tools: tools.toggle("scribble")),
            "pick": lambda: self._use_mouse(lambda tools: tools.toggle("pick")),
            "ignore": lambda: self._use_mouse(MouseTools.toggle_ignore_brush),
            "keys": self.show_shortcuts,
        }

    def _buttons(self) -> dict[str, QPushButton]:
        """Buttons that have a key, by action."""
        boxes = (self.decision, self.run, self.tools)
        return {name: pressed for box in boxes for name, pressed in box.buttons.items()}

    def _show_keys(self) -> None:
        """Show the keys that a person has chosen."""
        named = {**self._buttons(), "keys": self.shortcuts, "unlearn": self.reference.undo}
        for name, pressed in named.items():
            if name in self._keys.shortcuts:
                pressed.setToolTip(self._keys.tip(name))
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None

    def _follow_run(self) -> None:
        """Show the run that is previewed; what was done of runs is in view from every page."""
        is_previewing = self.run.is_previewing
        self.pages.turn_to(RUN_PAGE, wanted=is_previewing)
        self.progress.show_text("" if is_previewing else self._runs.jobs.text)
        self._bind_run()

    def _bind_run(self) -> None:
        """Bind the keys of a run while one is previewed: a label layer has others for them."""
        while self._run_keys:
            unbind(self._run_keys.pop(), RUN)
        if self._mouse is not None:
            self._mouse.suspend(suspended=self.run.is_previewing)
        if self.run.is_previewing and self._layers.mask is not None:
            self._run_keys += [self.viewer, self._layers.mask.layer]
            for place in self._run_keys:
                bind(place, RUN, self.actions)

    def open_project(self, folder: Path) -> None:
        """Open a project, as by its button."""
        self.project.folder.value = folder
        self.project.opener.open(folder)

    def show_shortcuts(self) -> None:
        """Show all shortcuts in a dialog that may stay open."""
        if self._dialog is None:
            self._dialog = ShortcutsDialog(self, self._keys)
        self._dialog.show()
        self._dialog.raise_()

    def _follow_project(self) -> None:
        """Adapt the dock to the project that was opened or closed."""
        editor, canvas = self.curation.editor, self._layers.mask
        self.work.setVisible(self.curation.project is not None)
        if editor is None or canvas is None:
            self._mouse = None
        elif self._mouse is None or self._mouse.canvas is not canvas:
            self._mouse = MouseTools(canvas, editor, self._show_active_tools, self._runs.excess)
            bind(canvas.layer, UNDO, self.actions)
            self.tools.region = self._mouse.region
            connect(self._mouse.region.changed, self.tools.show_scope)
        self._guard.watch()
        self.message.hide()

    def _use_mouse(self, act: Callable[[MouseTools], object]) -> None:
        if self._mouse is not None:
            self.viewer.layers.selection.active = self._mouse.canvas.layer
            act(self._mouse)

    def _show_active_tools(self) -> None:
        if isalive(self) and self._mouse is not None:
            self.tools.show_active(self._mouse.active)

    # --- closing

    def _may_close(self) -> bool:
        """Keep the window open while an edit cannot be saved, unless the user discards it."""
        return self.curation.finish_frame() or self._discards_edit()

    def _release(self) -> None:
        self.project.opener.stop()
        self.curation.release(keep_layers=True)

    def leave(self) -> None:
        """Close the project and unbind the keys when the dock is removed from the window."""
        self._runs.cancel()
        self.project.opener.stop()
        self._keys.unbind(self.viewer, CURATION)
        unbind(self.viewer, UNDO)
        if not self.curation.close():
            show_warning(
                f"{self.curation.message} The edit stays in the label layer; save that as a file."
            )
            self.curation.release(keep_layers=True)

    def _discards_edit(self) -> bool:
        return ask(
            self,
            "The last edit of this mask could not be saved.",
            f"{self.curation.message}\n\nKeep the window open to fix this?",
            keep="Keep open",
            lose="Close and lose the edit",
        )
