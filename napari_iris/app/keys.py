"""Keyboard shortcuts: one table, from which they are bound, listed and tested."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shortcut:
    """One key.

    Attributes
    ----------
    key : str
        As napari spells it.
    action : str
        Name of its action.
    group : str
        One of `GROUPS`.
    text : str
        What it does.
    repeats : bool
        Whether it goes on while the key is held.
    """

    key: str
    action: str
    group: str
    text: str
    repeats: bool = False

    @property
    def label(self) -> str:
        """The key as on a keyboard."""
        name = self.key.replace("Control", "Ctrl").replace("-", "+")
        return {"Comma": ",", "Period": ".", "Escape": "Esc"}.get(self.key, name)

    @property
    def setting(self) -> str:
        """Name of the napari preference in which a person chooses another key."""
        return f"{self.action.replace(' ', '_')}_key"

    @property
    def tip(self) -> str:
        """Tooltip of the button that does the same."""
        return f"{self.text}  [{self.label}]" if self.key else self.text


GROUPS = {
    "go": "Go to",
    "decide": "Decide",
    "edit": "Edit the mask",
    "view": "View",
    "model": "Predict and Review docks",
    "napari": "napari",
}
"""Groups of shortcuts, and their titles."""

CURATION = (
    Shortcut("N", "next", "go", "Next frame to review", repeats=True),
    Shortcut("J", "back", "go", "Back to the frame shown before", repeats=True),
    Shortcut("A", "approve", "decide", "Approve"),
    Shortcut("R", "reject", "decide", "Reject"),
    Shortcut("0", "clear", "decide", "Approve as clear sky (0 oktas); updates the night"),
    Shortcut("8", "overcast", "decide", "Approve as overcast (8 oktas)"),
    Shortcut("9", "unsure", "decide", "Sky not discernible: reject as unsure"),
    Shortcut("Shift-N", "run", "decide", "Preview a run of frames; again: its other frames"),
    Shortcut("Shift-J", "unrun", "decide", "Undo the last run"),
    Shortcut("Shift-U", "unlearn", "decide", "Undo the last update of the night"),
    Shortcut("T", "threshold", "edit", "Threshold brush: paint cloud (Shift: sky)"),
    Shortcut(",", "lower", "edit", "Lower the threshold: more cloud", repeats=True),
    Shortcut(".", "raise", "edit", "Raise the threshold: less cloud", repeats=True),
    Shortcut("Control-,", "lower a little", "edit", "Lower it by a fine step", repeats=True),
    Shortcut("Control-.", "raise a little", "edit", "Raise it by a fine step", repeats=True),
    Shortcut("Shift-T", "scribble", "edit", "Scribble: cloud (Shift: sky, Ctrl: ignore)"),
    Shortcut("Shift-O", "otsu", "edit", "Threshold by Otsu's method"),
    Shortcut("Shift-R", "recipe", "edit", "Threshold of the recipe"),
    Shortcut("Shift-E", "reference", "edit", "Threshold above the clear-sky reference"),
    Shortcut("K", "pick", "edit", "Select region: cloud (Shift: sky); wheel: tolerance"),
    Shortcut("I", "ignore", "edit", "Ignore brush: paint trees, buildings, dead pixels"),
    Shortcut("G", "grow", "edit", "Grow the cloud by one pixel", repeats=True),
    Shortcut("S", "shrink", "edit", "Shrink the cloud by one pixel", repeats=True),
    Shortcut("H", "holes", "edit", "Fill holes in the cloud"),
    Shortcut("W", "smooth", "edit", "Smooth edges, remove specks"),
    Shortcut("D", "copy", "edit", "Copy the mask of the previous frame"),
    Shortcut("U", "revert", "edit", "Revert to the automatic mask"),
    Shortcut("Q", "compare", "view", "Compare masks: edited, automatic, model"),
    Shortcut("F1", "keys", "view", "Show these shortcuts"),
)
"""Keys of the Curate dock; each decision goes to the next frame."""

STROKE = (Shortcut("Escape", "whole", "edit", "End the stroke: threshold of the whole frame"),)
"""Keys that are bound while there is a stroke, or a tool of the mouse, to end."""

RUN = (
    Shortcut("Enter", "confirm", "decide", "Label the run, continue (A 0 8 R , . choose how)"),
    Shortcut("Escape", "cancel", "decide", "End the preview"),
)
"""Keys that are bound while a run of frames is previewed."""

UNDO = (
    Shortcut("Control-Z", "undo", "edit", "Undo: the last step, else the last decision"),
    Shortcut("Control-Shift-Z", "redo", "edit", "Redo a step"),
)
"""Keys that napari has for its label layers: bound on the mask and in the viewer alike."""

VIEW = (
    Shortcut("Shift-M", "masks", "view", "Masks: outline, fill, none"),
    Shortcut("Shift-C", "stretch", "view", "Stretch: frame, night, recipe, excess"),
    Shortcut("F6", "dock", "view", "Focus a dock; again: the next; Esc: the frame"),
)
"""Keys of every dock."""

MODEL = (
    Shortcut("Y", "accept", "model", "Accept prediction: approve it as the label"),
    Shortcut("O", "blink", "model", "Blink: prediction, truth, neither"),
)
"""Keys of the Predict and the Review dock. napari binds both for image layers in 3D."""

NAPARI = (
    Shortcut("P", "paint", "napari", "Paint with the selected label"),
    Shortcut("E", "erase", "napari", "Erase: paint clear sky"),
    Shortcut("F", "fill", "napari", "Fill a region"),
    Shortcut("Z", "pan", "napari", "Pan and zoom (hold Space temporarily)"),
    Shortcut("[", "smaller", "napari", "Smaller brush"),
    Shortcut("]", "larger", "napari", "Larger brush"),
    Shortcut("Left", "earlier", "napari", "Previous frame"),
    Shortcut("Right", "later", "napari", "Next frame"),
)
"""Keys that napari binds itself; the docks must not bind them."""

CHANGEABLE = (*CURATION, *VIEW, *MODEL)
"""Keys that a person may change, in napari's preferences of the plugin."""

FIXED = (*STROKE, *RUN, *UNDO, *NAPARI)
"""Keys that stay as they are."""

TIPS = {one.action: one.tip for one in (*CHANGEABLE, *FIXED)}
"""Tooltip of each action."""
