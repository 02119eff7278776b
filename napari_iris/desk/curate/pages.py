"""The pages of the Curate dock, behind tabs: a low dock shows one of them at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QSizePolicy, QTabWidget, QWidget

from napari_iris.desk.forms.layout import boxed, titled

if TYPE_CHECKING:
    from collections.abc import Mapping

FRAMES = "Frames"
"""Title of the list of frames."""

TALL = 905
"""Height of a dock that has room for the list of frames below the pages [pixels]."""


class Pages(QTabWidget):
    """Pages behind tabs. The list of frames is the last page, or lies below them in a tall dock.

    Parameters
    ----------
    pages : mapping of str to QWidget
        Titles and contents of the pages.
    frames : QWidget
        The list of frames.

    Attributes
    ----------
    below : QGroupBox
        The place of the list below the pages; hidden while the list is a page.
    """

    def __init__(self, pages: Mapping[str, QWidget], frames: QWidget) -> None:
        super().__init__()
        self._frames = frames
        self._before: QWidget | None = None
        self._pages = {title: boxed(page, None) for title, page in pages.items()}
        for title, page in self._pages.items():
            self.addTab(page, title)
        self.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.below = titled(FRAMES, frames)

    def fit(self, height: int) -> None:
        """Place the list of frames for a height of the dock [pixels]."""
        is_page, policy = height < TALL, QSizePolicy.Policy
        self.below.setHidden(is_page)
        if is_page == (self.indexOf(self._frames) >= 0):
            return
        if is_page:
            self.addTab(self._frames, FRAMES)
        else:
            self.below.layout().addWidget(self._frames)
            self._frames.show()  # a page behind others is hidden
        self.setSizePolicy(policy.Preferred, policy.Preferred if is_page else policy.Maximum)

    def turn_to(self, title: str, *, wanted: bool) -> None:
        """Turn to a page while it is wanted, then back to the one before.

        Parameters
        ----------
        title : str
            Title of the page.
        wanted : bool
            Whether it is wanted now.
        """
        page = self._pages[title]
        if wanted and self._before is None:
            self._before = self.currentWidget()
            self.setCurrentWidget(page)
        elif not wanted and self._before is not None:
            if self.currentWidget() is page:
                self.setCurrentIndex(max(0, self.indexOf(self._before)))
            self._before = None
