"""A sheet of thumbnails of any length: only those in view are known to the widget.

Qt's QListView takes 1.2 s to lay out 10^5 items, at each change of width; here the place of each
thumbnail is computed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QEvent, QRect, QSize, Qt
from qtpy.QtGui import QColor, QImage, QPainter, QPalette, QPen
from qtpy.QtWidgets import QAbstractScrollArea, QSizePolicy

from napari_iris.app.contact_sheet.thumbnail import CLOUD_EDGE, IGNORE_EDGE, SHAPE, WHITE
from napari_iris.desk.curate.queue_model import STATUS_COLORS

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qtpy.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent

    from napari_iris.app.contact_sheet.sheet import ContactSheet

IMAGE = QSize(*SHAPE[::-1])
"""Size of a thumbnail on the screen [pixels]."""

MARGIN, STATUS_HEIGHT = 5, 4
"""Room around a thumbnail, and height of the bar of its status [pixels]."""

EDGES = {CLOUD_EDGE: "#ffd166", IGNORE_EDGE: "#ef476f"}
"""Colours of the outlines of cloud and of ignored pixels."""

GREYS = [QColor(*3 * [round(255 * grey / WHITE)]) for grey in range(WHITE + 1)]
COLORS = np.array([color.rgb() for color in (*GREYS, *map(QColor, EDGES.values()))], np.uint32)
"""Colour of each value of a thumbnail."""

STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
"""Keys that go to another frame: columns and rows."""


class SheetView(QAbstractScrollArea):
    """Thumbnails in rows, as many beside one another as there is room for.

    A click goes to a frame; a drag, or Shift and a click, selects from one to another; Ctrl and a
    click adds one to the selection, or removes it; the arrow keys step.

    Parameters
    ----------
    sheet : ContactSheet
        The frames.
    """

    def __init__(self, sheet: ContactSheet) -> None:
        super().__init__()
        self._sheet = sheet
        self._anchor: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setMinimumHeight(self.cell.height())
        self.setAccessibleName("Thumbnails of the frames; the arrow keys step through them")

    # --- where things are

    @property
    def cell(self) -> QSize:
        """Size of a thumbnail with its text [pixels]."""
        text = self.fontMetrics().height() + STATUS_HEIGHT
        return IMAGE + QSize(2 * MARGIN, 2 * MARGIN + text)

    @property
    def columns(self) -> int:
        """Thumbnails beside one another."""
        return max(1, self.viewport().width() // self.cell.width())

    @property
    def in_view(self) -> range:
        """Places of the frames in view."""
        top, height = self.verticalScrollBar().value(), self.cell.height()
        first = top // height * self.columns
        last = (-(-(top + self.viewport().height()) // height)) * self.columns
        return range(first, min(last, len(self._sheet)))

    def rect(self, place: int) -> QRect:
        """Rectangle of a listed frame on the viewport."""
        row, column = divmod(place, self.columns)
        width, height = self._width, self.cell.height()
        return QRect(column * width, row * height - self.verticalScrollBar().value(), width, height)

    @property
    def _width(self) -> int:
        """Width of a thumbnail with its part of the room left over [pixels]."""
        return int(self.viewport().width()) // self.columns

    def place_at(self, x: float, y: float) -> int | None:
        """Place of the frame at a point of the viewport; None for none."""
        column = int(x // self._width)
        row = int((y + self.verticalScrollBar().value()) // self.cell.height())
        place = row * self.columns + column
        is_there = 0 <= column < self.columns and 0 <= place < len(self._sheet)
        return place if is_there else None

    # --- what is shown

    def show_list(self) -> None:
        """Show other frames."""
        self._fit()
        self.follow()

    def follow(self) -> None:
        """Bring the current frame into view."""
        place = self._sheet.current
        if place is not None:
            height, bar = self.cell.height(), self.verticalScrollBar()
            top = place // self.columns * height
            least, most = top + height - self.viewport().height(), top
            bar.setValue(min(max(bar.value(), least), most))
        self.viewport().update()

    def _fit(self) -> None:
        rows, height = -(-len(self._sheet) // self.columns), self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, rows * self.cell.height() - height))
        bar.setPageStep(height)
        bar.setSingleStep(self.cell.height() // 2)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Lay the thumbnails out anew."""
        super().resizeEvent(event)
        self.show_list()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Lay the thumbnails out in another font or theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the thumbnails in view."""
        del event
        painter = QPainter(self.viewport())
        current = self._sheet.current
        for place in self.in_view:
            self._draw(painter, place, is_current=place == current)

    def _draw(self, painter: QPainter, place: int, *, is_current: bool) -> None:
        cell, palette = self.rect(place), self.palette()
        highlight = palette.color(QPalette.ColorRole.Highlight)
        if self._sheet.is_selected(place):
            painter.fillRect(cell.adjusted(1, 1, -1, -1), highlight)
        room = QRect(cell.topLeft(), IMAGE)
        room.translate((cell.width() - IMAGE.width()) // 2, MARGIN)
        image = self._sheet.thumbnail(place)
        if image is None:
            painter.fillRect(room, palette.color(QPalette.ColorRole.Button))
            seen = room
        else:
            seen = _fitted(image, room)
            painter.drawImage(seen, _image(image))
        status = self._sheet.status(place)
        if status is not None:
            bar = QRect(room.left(), room.bottom() + 1, room.width(), STATUS_HEIGHT)
            painter.fillRect(bar, QColor(STATUS_COLORS[status]))
        text = QRect(room.left(), room.bottom() + STATUS_HEIGHT, room.width(), cell.height())
        text.setBottom(cell.bottom())
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        painter.drawText(text, Qt.AlignmentFlag.AlignCenter, self._sheet.name(place))
        if is_current:
            painter.setPen(QPen(palette.color(QPalette.ColorRole.WindowText), 2))
            painter.drawRect(cell.adjusted(2, 2, -2, -2))

    # --- going and selecting

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Go to the frame under the mouse, or select."""
        place = self.place_at(event.pos().x(), event.pos().y())
        if place is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._sheet.toggle(place)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._anchor = self._sheet.current if self._sheet.current is not None else place
            self._sheet.select(self._anchor, place)
        else:
            self._anchor = place
            self._sheet.go_to(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Select up to the frame under the mouse."""
        place = self.place_at(event.pos().x(), event.pos().y())
        if place is not None and self._anchor is not None:
            self._sheet.select(self._anchor, place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """End the selection."""
        del event
        self._anchor = None

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Step by the arrow keys; leave the others to the viewer."""
        step, place = STEPS.get(Qt.Key(event.key())), self._sheet.current
        if step is None or not len(self._sheet):
            event.ignore()
            return
        there = 0 if place is None else place + step[0] + step[1] * self.columns
        self._sheet.go_to(min(max(there, 0), len(self._sheet) - 1))


def _image(values: NDArray[np.uint8]) -> QImage:
    rows, columns = values.shape
    pixels = COLORS[values].tobytes()
    return QImage(pixels, columns, rows, 4 * columns, QImage.Format.Format_RGB32).copy()


def _fitted(values: NDArray[np.uint8], room: QRect) -> QRect:
    """Give the largest rectangle of an image's proportions in the middle of some room."""
    rows, columns = values.shape
    size = QSize(columns, rows).scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
    seen = QRect(room.topLeft(), size)
    seen.moveCenter(room.center())
    return seen
