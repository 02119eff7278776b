"""Predict the current frame, a range or all frames, as a job."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from napari_iris.desk.forms.controls import TextLine, button, by_tab, check_box
from napari_iris.desk.frames.job_box import FrameJobBox
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.prediction.job import PredictJob
    from napari_iris.app.prediction.starting_masks import StartingMasks

TIP = "Runs in the background; frames that the model has predicted before are skipped"

REMOVE_TIP = (
    "Take all masks of models out of the project: its frames show their automatic masks again; "
    "your labels stay, and the history keeps the masks"
)


class PredictBox(FrameJobBox):
    """Shows a `PredictJob`.

    Parameters
    ----------
    job : PredictJob
        The job.
    starting : StartingMasks
        The model masks in the project.
    """

    def __init__(self, job: PredictJob, starting: StartingMasks) -> None:
        self.augmented = check_box(
            "Test-time augmentation (8x slower)",
            "Uncertainty from the spread over 8 flipped and shifted copies of each frame",
            lambda on: setattr(job, "test_time_augmentation", on),
        )
        self.into_project = check_box(
            "Use as starting masks in the project",
            "Frames that nobody has corrected show the model's mask in place of the automatic one, "
            "with status Model; the queue can then be sorted by uncertainty",
            lambda on: setattr(job, "add_to_project", on),
        )
        self.into_project.setChecked(job.add_to_project)
        self._starting = starting
        self.remove = button("Remove model masks", REMOVE_TIP, lambda _=False: starting.remove())
        self.removed = TextLine()
        self.removed.hide()
        by_tab(self.remove)
        options = (self.augmented, self.into_project, self.remove)
        super().__init__(job, "Predict", TIP, *options, self.removed)
        panel, seen = self.panel, (self.folder.choose_btn.native, self.augmented)
        order = (*seen, self.into_project, self.remove, panel.start, panel.cancel, panel.copy)
        for before, after in pairwise(order):
            self.setTabOrder(before, after)
        connect(job.session.project_changed, self.refresh)
        connect(starting.changed, self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what applies now."""
        super().refresh()
        self.into_project.setVisible(self.job.session.project is not None)
        count = self._starting.count
        self.remove.setVisible(bool(count))
        self.remove.setText(f"Remove model masks ({count:,})")
        self.removed.show_text(self._starting.message)
