"""What the keys and buttons of the Curate dock do, apart from those of the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_iris.masks import edit

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from napari_iris.app.curation.decisions import Decisions
    from napari_iris.app.curation.mask_editor import MaskEditor
    from napari_iris.app.curation.other_masks import OtherMasks
    from napari_iris.app.curation.run_labels import RunLabels
    from napari_iris.app.curation.teaching import Teaching
    from napari_iris.app.curation.undo import Undo

    Tool = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]

FINE = 0.25
"""A fine step of a threshold, in steps."""


def curation_actions(
    decisions: Decisions,
    others: OtherMasks,
    teaching: Teaching,
    runs: RunLabels,
    undo: Undo,
    reason: Callable[[], str],
) -> dict[str, Callable[[], object]]:
    """Give the functions that the actions of the shortcuts call.

    Parameters
    ----------
    decisions : Decisions
        Decisions on the current frame.
    others : OtherMasks
        Its other masks.
    teaching : Teaching
        Learns from clear frames.
    runs : RunLabels
        Labels runs of frames; while one is previewed, keys of decisions choose how to label it.
    undo : Undo
        Takes the last step or decision back.
    reason : callable
        Gives why a frame is rejected.

    Returns
    -------
    dict of str to callable
        By action; without a current frame, they do nothing.
    """
    curation = decisions.curation

    def on_mask(act: Callable[[MaskEditor], object]) -> Callable[[], object]:
        def call() -> None:
            if curation.editor is not None and curation.row is not None:
                act(curation.editor)

        return call

    def tool(name: str, function: Tool) -> Callable[[], object]:
        return on_mask(lambda editor: editor.apply(function, name))

    def in_run(
        choose: Callable[[], object], otherwise: Callable[[], object]
    ) -> Callable[[], object]:
        return lambda: otherwise() if runs.preview is None else choose()

    def step(steps: float) -> Callable[[], object]:
        move = on_mask(lambda editor: editor.step_threshold(steps, runs.excess()))
        return in_run(lambda: runs.step_cut(steps), move)

    return {
        "next": curation.next,
        "back": curation.back,
        "approve": in_run(lambda: runs.choose("approve"), decisions.approve),
        "reject": in_run(
            lambda: runs.choose("reject", reason()), lambda: decisions.reject(reason())
        ),
        "clear": in_run(lambda: runs.choose("clear"), decisions.clear),
        "overcast": in_run(lambda: runs.choose("overcast"), decisions.overcast),
        "unsure": decisions.unsure,
        "unlearn": teaching.undo,
        "run": runs.show,
        "unrun": runs.undo,
        "confirm": runs.confirm,
        "cancel": runs.cancel,
        "lower": step(-1),
        "raise": step(1),
        "lower a little": step(-FINE),
        "raise a little": step(FINE),
        "grow": tool("grow", edit.grow),
        "shrink": tool("shrink", edit.shrink),
        "holes": tool("fill holes", edit.fill_holes),
        "smooth": tool("smooth", edit.smooth),
        "copy": in_run(lambda: runs.choose("carry"), others.copy_previous),
        "revert": others.revert,
        "compare": others.compare,
        "undo": undo.undo,
        "redo": on_mask(lambda editor: editor.redo()),
    }
