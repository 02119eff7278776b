"""The Curate dock: work through a project's frames with one key each, and lose nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.utils.notifications import show_warning
from qtpy.compat import isalive
from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import (
    QLabel,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from napari_iris.desk.curate.canvas_tool import CanvasTool
from napari_iris.desk.curate.curation import Curation
from napari_iris.desk.curate.decision_box import DecisionBox
from napari_iris.desk.curate.decisions import Decisions
from napari_iris.desk.curate.other_masks import OtherMasks
from napari_iris.desk.curate.project_box import ProjectBox
from napari_iris.desk.curate.queue_box import QueueBox
from napari_iris.desk.curate.tools_box import ToolsBox
from napari_iris.desk.forms.form import titled
from napari_iris.desk.frames.session import session_of
from napari_iris.desk.keys.dialog import KeysDialog
from napari_iris.desk.keys.table import bind, unbind
from napari_iris.masks import edit
from napari_iris.masks.mask_file import CLOUD, IGNORE

if TYPE_CHECKING:
    from collections.abc import Callable

    import napari
    from numpy import uint8
    from numpy.typing import NDArray
    from qtpy.QtGui import QKeyEvent

WIDTH = 370
"""Width that the dock needs, in pixels."""


class CurateDock(QScrollArea):
    """Correct, approve and reject the masks of a project.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        The viewer it is docked to.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__()
        self.viewer = napari_viewer
        self.curation = Curation(session_of(napari_viewer))
        self.project = ProjectBox(self.curation)
        self.decisions, self.others = Decisions(self.curation), OtherMasks(self.curation)
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
        self._closing = False
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
        layout.addWidget(titled("project", self.project))
        layout.addWidget(self.line)
        self.groups = [titled(title, box) for title, box in self.boxes.items()]
        for group in self.groups:
            layout.addWidget(group, stretch=1 if group is self.groups[-1] else 0)
            group.hide()
        layout.addWidget(self.keys, alignment=Qt.AlignmentFlag.AlignRight)
        layout.addStretch()
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(WIDTH)

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
        self._main_window().installEventFilter(self)
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

    # --- the close guard

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Keep the window open while an edit cannot be saved, unless the person gives it up.

        The project is let go of once the window has gone: napari may call the closing off.
        """
        closing, hiding = QEvent.Type.Close, QEvent.Type.Hide
        if event.type() not in (closing, hiding) or watched is not self._main_window():
            return False
        if event.type() == closing:
            self._closing = self.curation.settle() or self._gives_up()
            if not self._closing:
                event.ignore()
                return True
        elif self._closing:
            self.curation.let_go(keep_layers=True)
        return False

    def event(self, event: QEvent) -> bool:
        """Let go of the project and of the keys when the dock is taken out of the window."""
        if event.type() == QEvent.Type.ParentChange and self.parent() is None:
            self._leave()
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Leave every key to the viewer: the arrows step through the frames, not the dock."""
        event.ignore()

    def _leave(self) -> None:
        unbind(self.viewer)
        if not self.curation.close():
            show_warning(f"{self.line.text()} The edit stays in its layer: save that as a file.")
            self.curation.let_go(keep_layers=True)

    def _main_window(self) -> QWidget:
        """Find the window that closes with all: a floating dock is a window of its own."""
        window: QWidget = self
        while window.parentWidget() is not None:
            window = window.parentWidget()
        return window

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
