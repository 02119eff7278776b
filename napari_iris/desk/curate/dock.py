"""The Curate dock: work through a project's frames with one key each, and lose nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.utils.notifications import show_warning
from qtpy.compat import isalive
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QLabel,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_iris.desk.curate.canvas_tool import CanvasTool
from napari_iris.desk.curate.decision_box import DecisionBox
from napari_iris.desk.curate.other_masks import OtherMasks
from napari_iris.desk.curate.project_box import ProjectBox
from napari_iris.desk.curate.queue_box import QueueBox
from napari_iris.desk.curate.tools_box import ToolsBox
from napari_iris.desk.forms.dock import CanvasDock
from napari_iris.desk.forms.form import titled
from napari_iris.desk.frames.beginning import Beginning
from napari_iris.desk.jobs.close_guard import CloseGuard
from napari_iris.desk.keys.dialog import KeysDialog
from napari_iris.desk.keys.table import bind, unbind
from napari_iris.desk.workspace import workspace_of
from napari_iris.labels import CLOUD, IGNORE
from napari_iris.masks import edit

if TYPE_CHECKING:
    from collections.abc import Callable

    import napari
    from numpy import uint8
    from numpy.typing import NDArray

WIDTH = 370
"""Width that the dock needs, in pixels."""


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
        self.curation = workspace.curation
        self.project = ProjectBox(self.curation)
        self.decisions, self.others = workspace.decisions, OtherMasks(self.curation)
        self.decision = DecisionBox(self.decisions, self.others)
        self.tools = ToolsBox(self.curation)
        self.queue = QueueBox(self.curation)
        self.line = QLabel()
        self.line.setWordWrap(True)
        self.line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.line.hide()
        self.keys = QPushButton("Keys ...")
        self.keys.setToolTip("All keys of the desk  [F1]")
        self.keys.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._dialog: KeysDialog | None = None
        self._canvas: CanvasTool | None = None
        self._guard = CloseGuard(self, self._may_close, self._let_go)
        self._lay_out()
        self.actions = self._actions()
        bind(self.viewer, self.actions)
        self.decision.connect(self.actions)
        self.tools.connect(self.actions)
        self.keys.clicked.connect(self.actions["keys"])
        self.curation.told.connect(self._tell)
        self.curation.opened.connect(self._equip)

    def _lay_out(self) -> None:
        inner = QWidget()
        layout = QVBoxLayout(inner)
        self.boxes = {
            "this frame": self.decision,
            "correct the mask": self.tools,
            "frames": self.queue,
        }
        self.beginning = Beginning(workspace_of(self.viewer).frames)
        layout.addWidget(self.beginning)
        layout.addWidget(titled("project", self.project))
        layout.addWidget(self.line)
        self.groups = [titled(title, box) for title, box in self.boxes.items()]
        for group in self.groups:
            layout.addWidget(group, stretch=1 if group is self.groups[-1] else 0)
            group.hide()
        layout.addWidget(self.keys, alignment=Qt.AlignmentFlag.AlignRight)
        layout.addStretch()
        self.fill(inner, WIDTH)

    def _actions(self) -> dict[str, Callable[[], object]]:
        """Give what each key of the table does."""
        work, said, others = self.curation, self.decisions, self.others

        def tool(function: Callable[[NDArray[uint8]], NDArray[uint8]]) -> Callable[[], object]:
            return lambda: work.hand.apply(function) if work.hand and work.row is not None else None

        def step(steps: int) -> Callable[[], object]:
            return lambda: work.hand.step_cut(steps) if work.hand and work.row is not None else None

        return {
            "next": work.go_on,
            "back": work.go_back,
            "approve": said.approve,
            "reject": lambda: said.reject(self.decision.reason.currentText()),
            "clear": said.clear,
            "overcast": said.overcast,
            "unsure": said.unsure,
            "threshold": lambda: self._take_up("threshold"),
            "lower": step(-1),
            "raise": step(1),
            "pick": lambda: self._take_up("pick"),
            "ignore": self._ignore,
            "grow": tool(edit.grow),
            "shrink": tool(edit.shrink),
            "holes": tool(edit.fill_holes),
            "smooth": tool(edit.smooth),
            "ditto": others.ditto,
            "revert": others.revert,
            "compare": others.compare,
            "keys": self.show_keys,
            "undo": lambda: work.hand.layer.undo() if work.hand else None,
            "redo": lambda: work.hand.layer.redo() if work.hand else None,
        }

    def show_keys(self) -> None:
        """Show all keys in a dialog beside the window."""
        if self._dialog is None:
            self._dialog = KeysDialog(self)
        self._dialog.show()
        self._dialog.raise_()

    def _equip(self) -> None:
        """Fit the dock to the project that was opened or closed."""
        hand = self.curation.hand
        for group in self.groups:
            group.setVisible(self.curation.project is not None)
        if hand is None:
            self._canvas = None
        elif self._canvas is None or self._canvas.hand is not hand:
            self._canvas = CanvasTool(hand, self._show_tools)
            hand.layer.events.selected_label.connect(self._show_tools)
            hand.layer.events.mode.connect(self._show_tools)
        self._guard.watch()
        self.line.hide()

    def _take_up(self, tool: str) -> None:
        if self._canvas is not None:
            self.viewer.layers.selection.active = self._canvas.hand.layer
            self._canvas.toggle("pick" if tool == "pick" else "threshold")

    def _ignore(self) -> None:
        """Take the brush for pixels to ignore, or put it down."""
        if self.curation.hand is None:
            return
        layer = self.curation.hand.layer
        self.viewer.layers.selection.active = layer
        taken = layer.mode == "paint" and layer.selected_label == IGNORE
        layer.selected_label = CLOUD if taken else IGNORE
        layer.mode = "pan_zoom" if taken else "paint"

    def _show_tools(self) -> None:
        if not isalive(self) or self.curation.hand is None or self._canvas is None:
            return
        layer = self.curation.hand.layer
        up = {str(self._canvas.tool)}
        if layer.mode == "paint" and layer.selected_label == IGNORE:
            up.add("ignore")
        self.tools.show_tools(up)

    def _tell(self, text: str) -> None:
        self.line.setText(text)
        self.line.setVisible(bool(text))

    # --- the end

    def _may_close(self) -> bool:
        """Keep the window open while an edit cannot be saved, unless the person gives it up."""
        return self.curation.settle() or self._gives_up()

    def _let_go(self) -> None:
        self.curation.let_go(keep_layers=True)

    def leave(self) -> None:
        """Let go of the project and of the keys when the dock is taken out of the window."""
        unbind(self.viewer)
        if not self.curation.close():
            show_warning(f"{self.line.text()} The edit stays in its layer: save that as a file.")
            self.curation.let_go(keep_layers=True)

    def _gives_up(self) -> bool:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setText("The last edit of this mask could not be saved.")
        box.setInformativeText(f"{self.line.text()}\n\nStay, mend this, and close again?")
        stay = box.addButton("Stay", QMessageBox.ButtonRole.RejectRole)
        lose = box.addButton("Close and lose the edit", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(stay)
        box.exec()
        return box.clickedButton() is lose
