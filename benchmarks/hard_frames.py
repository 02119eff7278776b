"""What it costs to mend one hard frame: broken cloud, and an automatic mask that is wrong.

    python benchmarks/hard_frames.py [--frames 50] [--seed 1]

Simulated frames, each of a camera of its own, judged alone: with cloud over 20 to 80 % of the sky,
and an IoU of the automatic mask under .8 (.9 is the goal). A scripted person who knows the truth
mends the mask without a window, by the tools of `napari_iris.app`: by at most four keys of the
threshold, and from the automatic mask again by at most three strokes, each drawn where most is
wrong. Haze of optical depth 0.02 to 0.12 counts neither way.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import numpy as np
from hands import BRUSH, segment_in
from skimage.filters import threshold_otsu

from napari_iris.app.curation.mask_editor import MaskEditor
from napari_iris.frames.rebin import rebin
from napari_iris.labels import CLOUD, IGNORE, SKY
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.edit import stroke
from napari_iris.masks.make import make_mask
from napari_iris.masks.recipe import recipe
from napari_iris.sky.config import SimulationConfig
from napari_iris.sky.simulate import simulate_frame
from napari_iris.sky.truth import rebin_truth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Mask = NDArray[np.uint8]

SHAPE = (128, 160)
"""Rows and columns of the masks."""

BROKEN, WRONG, GOOD = (0.2, 0.8), 0.8, 0.9
"""Cloud cover of a hard frame, IoU that its automatic mask stays under, and the goal."""

KEYS, STROKES = 4, 3
"""What may be spent on a frame."""


class Paper:
    """A mask in memory, to be painted on: a `MaskCanvas` without a window."""

    labels: Mask = np.zeros(SHAPE, np.uint8)
    visible = True

    def show(self, mask: Mask, *_: object, **__: object) -> None:
        """Take a mask."""
        self.labels = mask.copy()

    def change(self, mask: Mask) -> bool:
        """Change the mask; return whether any pixel has changed."""
        is_changed = not np.array_equal(mask, self.labels)
        self.labels = mask.copy()
        return is_changed

    def outline(self, region: NDArray[np.bool_] | None) -> None:
        """Draw nothing: nobody looks."""

    def hide_other(self) -> bool:
        """Say that no other mask is shown."""
        return False


def iou(mask: Mask, truth: Mask) -> float:
    """Intersection over union of the cloud, where the truth is decided."""
    cloud, known = truth == CLOUD, truth != IGNORE
    either = np.count_nonzero(((mask == CLOUD) | cloud) & known)
    return np.count_nonzero((mask == CLOUD) & cloud) / max(1, either)


def hard_frames(seed: int, count: int) -> Iterator[tuple[NDArray[np.float32], Mask, Mask]]:
    """Simulate frames, their automatic masks, and their truth."""
    config, found = SimulationConfig(count=100 * count, sky="cloudy", seed=seed), 0
    for index in range(config.count):
        made = simulate_frame(config, index)
        truth = rebin_truth(made.truth, SHAPE, made.undecided)
        mask = make_mask(made.data.astype(np.float32), MaskConfig(shape=SHAPE)).mask
        cover = np.mean(truth[truth != IGNORE] == CLOUD) if (truth != IGNORE).any() else 0.0
        if BROKEN[0] <= cover <= BROKEN[1] and iou(mask, truth) < WRONG:
            yield rebin(made.data, SHAPE), mask, truth
            found += 1
        if found == count:
            return


class Person:
    """Somebody who mends the mask of a frame, and stops once it is good."""

    def __init__(self, frame: NDArray[np.float32], mask: Mask, truth: Mask) -> None:
        self._editor = MaskEditor(Paper())
        self._editor.show(mask, frame, SHAPE)
        self._frame, self._truth = frame, truth

    @property
    def iou(self) -> float:
        """How good the mask is."""
        return iou(self._editor.mask, self._truth)

    def by_keys(self) -> int:
        """Take the threshold of Otsu or the recipe, whichever looks better, then step; count."""
        keys, best = 0, self._editor.mask
        for threshold in (threshold_otsu(self._frame), recipe(self._frame).threshold):
            before = self.iou
            self._editor.set_threshold(float(threshold))
            if self.iou > before:
                best, keys = self._editor.mask, 2  # with Shift
            self._editor.set_mask(best)
        while self.iou < GOOD and keys < KEYS:
            missing, wrong = self._missing_and_wrong()
            self._editor.step_threshold(-1 if missing.sum() > wrong.sum() else 1)
            keys += 1
        return keys

    def by_strokes(self) -> int:
        """Scribble where most is wrong; count."""
        for count in range(STROKES):
            if self.iou >= GOOD:
                return count
            missing, wrong = self._missing_and_wrong()
            is_more = missing.sum() > wrong.sum()
            ends = segment_in(missing if is_more else wrong)
            touched = stroke(SHAPE, *ends, BRUSH / 2)
            heights = self._editor.sky_heights(None)
            if heights is not None:
                value = CLOUD if is_more else SKY
                self._editor.scribble(self._editor.mask, heights, touched, value)
        return STROKES

    def _missing_and_wrong(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        mask = self._editor.mask
        missing = (self._truth == CLOUD) & (mask == SKY)
        return missing, (self._truth == SKY) & (mask == CLOUD)


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--frames", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows = []
    for frame, mask, truth in hard_frames(options.seed, options.frames):
        keys, strokes = Person(frame, mask, truth), Person(frame, mask, truth)
        start, pressed, drawn = keys.iou, keys.by_keys(), strokes.by_strokes()
        rows.append((start, keys.iou, strokes.iou, max(keys.iou, strokes.iou), pressed, drawn))
    table = np.array(rows)
    print(f"{len(table)} frames     median IoU  IoU >= {GOOD:g}")
    names = ("automatic", f"<= {KEYS} keys", f"<= {STROKES} strokes", "the better")
    for name, values in zip(names, table.T, strict=False):
        print(f"{name:15}{np.median(values):10.3f}{np.mean(values >= GOOD):12.0%}")
    print(f"median keys {np.median(table[:, 4]):.0f}, strokes {np.median(table[:, 5]):.0f}")


if __name__ == "__main__":
    main()
