"""Predict the current frame, a range or all frames, as a job."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from napari_iris.desk.forms.controls import check_box
from napari_iris.desk.frames.job_box import FrameJobBox
from napari_iris.desk.timers import connect

if TYPE_CHECKING:
    from napari_iris.app.prediction.job import PredictJob

TIP = "Runs in the background; frames that the model has predicted before are skipped"


class PredictBox(FrameJobBox):
    """Shows a `PredictJob`.

    Parameters
    ----------
    job : PredictJob
        The job.
    """

    def __init__(self, job: PredictJob) -> None:
        self.augmented = check_box(
            "Test-time augmentation (8x slower)",
            "Uncertainty from the spread over 8 flipped and shifted copies of each frame",
            lambda on: setattr(job, "test_time_augmentation", on),
        )
        self.into_project = check_box(
            "Use as starting masks in the project",
            "Add them as model masks, beside the human masks; the queue can then be sorted by "
            "uncertainty",
            lambda on: setattr(job, "add_to_project", on),
        )
        self.into_project.setChecked(job.add_to_project)
        super().__init__(job, "Predict", TIP, self.augmented, self.into_project)
        panel, seen = self.panel, (self.folder.choose_btn.native, self.augmented)
        order = (*seen, self.into_project, panel.start, panel.cancel, panel.copy)
        for before, after in pairwise(order):
            self.setTabOrder(before, after)
        connect(job.session.project_changed, self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what applies now."""
        super().refresh()
        self.into_project.setVisible(self.job.session.project is not None)
