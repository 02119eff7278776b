"""The Night timeline dock: levels, clear sky, strip of the night, status, cloud cover over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.settings import get_settings
from qtpy.compat import isalive
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDockWidget, QMainWindow, QToolButton

from napari_iris.app.timeline.run_mark import RunMarks
from napari_iris.app.timeline.timeline import Timeline
from napari_iris.desk.forms.controls import TextLine
from napari_iris.desk.forms.dock import CanvasDock
from napari_iris.desk.forms.layout import Wide, row
from napari_iris.desk.frames.welcome import Welcome
from napari_iris.desk.timeline.plots import CloudPlot, KeogramPlot, LevelPlot
from napari_iris.desk.timers import connect
from napari_iris.desk.workspace import workspace_of

if TYPE_CHECKING:
    import napari

TITLE = "Night timeline"

HEIGHT = 270
"""Height of the dock below the frames [pixels]."""


class TimelineDock(CanvasDock):
    """See the whole night at once, and go to any of its frames.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        The viewer it is docked to.
    """

    def __init__(self, napari_viewer: napari.Viewer) -> None:
        super().__init__()
        workspace = workspace_of(napari_viewer)
        self.session = workspace.session
        places = get_settings().application.plugin_widget_positions
        self._has_place = any(name.startswith(TITLE) for name in places)
        self.welcome = Welcome(workspace.frames)
        self.levels, self.keogram, self.clouds = LevelPlot(), KeogramPlot(), CloudPlot()
        self.legend = TextLine(markup=True)
        self.legend.setMinimumHeight(1)  # it would claim the height that it has in a narrow dock
        self.timeline = Timeline(self.session, workspace.clear_sky, workspace.curation)
        self.run_marks = RunMarks(self.timeline, workspace.run_labels, workspace.curation)
        self._lay_out()
        self.work_in(workspace)
        for plot in self.plots:
            plot.chosen.connect(self.timeline.go_to)
            plot.dragged.connect(self.timeline.select)
            plot.drawn.connect(self._show_legend)
        connect(self.timeline.changed, self._show)
        connect(self.timeline.moved, self._mark)
        connect(self.timeline.view_changed, self._show_view)
        connect(self.timeline.selection_changed, self._show_selection)
        connect(self.run_marks.changed, self._show_run)
        self._show()

    @property
    def plots(self) -> tuple[LevelPlot, KeogramPlot, CloudPlot]:
        """The plots, from the top."""
        return self.levels, self.keogram, self.clouds

    def _lay_out(self) -> None:
        self.less, self.more = QToolButton(), QToolButton()
        for button, text, tip, step in (
            (self.less, "−", "Show twice as much of the night", -1),
            (self.more, "+", "Show half as much, around the current frame", 1),
        ):
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _, step=step: self._zoom(step))
        top = row(Wide(self.legend), self.less, self.more)
        self.fill(self.welcome, top, *self.plots)
        layout = self.widget().layout()
        layout.setContentsMargins(6, 2, 6, 2)
        layout.setSpacing(2)
        for plot, share in zip(self.plots, (3, 3, 2), strict=True):
            layout.setStretchFactor(plot, share)

    def _zoom(self, step: int) -> None:
        self.timeline.set_zoom(self.timeline.zoom + step)

    def _show(self) -> None:
        timeline = self.timeline
        is_open = timeline.series is not None
        for plot in self.plots:
            plot.setVisible(is_open)
            plot.row, plot.view, plot.run = timeline.row, timeline.view, self.run_marks.mark
            plot.show_series(timeline.series)
        self._show_legend()
        for button in (self.less, self.more):
            button.setVisible(is_open)
        self.less.setEnabled(timeline.zoom > 0)

    def _show_run(self) -> None:
        """Mark the run of frames that is previewed, or begins at the current frame."""
        for plot in self.plots:
            plot.show_run(self.run_marks.mark)

    def _show_selection(self) -> None:
        """Mark the selected frames, and count them."""
        self.keogram.show_selection(self.timeline.selected)
        self._show_legend()

    def _show_legend(self) -> None:
        series = self.timeline.series
        names = [name for plot in self.plots for name in plot.names]
        names += [] if series is None else [series.dates]
        progress = self.timeline.progress
        texts = [*names, f"<i>{progress}</i>"] if progress else names
        self.legend.setText("&nbsp;&nbsp; ".join(filter(None, texts)))

    def _mark(self) -> None:
        for plot in self.plots:
            plot.mark(self.timeline.row)

    def _show_view(self) -> None:
        self.less.setEnabled(self.timeline.zoom > 0)
        for plot in self.plots:
            plot.show_view(self.timeline.view)

    def _join(self) -> None:
        """Lie below the frames, unless a person has chosen another place before."""
        if not isalive(self) or not isinstance(window := self.window(), QMainWindow):
            return
        mine = self.parentWidget()
        if self._has_place or not isinstance(mine, QDockWidget) or mine.isFloating():
            return
        window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, mine)
        window.resizeDocks([mine], [HEIGHT], Qt.Orientation.Vertical)

    def leave(self) -> None:
        """Stop measuring once the dock is taken out of the window."""
        self.run_marks.close()
        self.timeline.close()
