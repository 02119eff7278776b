"""Where the mask of a label comes from: a person drew it, or accepted that of a model."""

from __future__ import annotations

ACCEPTED, THRESHOLD = "accepted from ", ", threshold "


def accepted_from(model: str, threshold: float) -> str:
    """Describe a mask that is a prediction of a model, accepted as it is.

    Parameters
    ----------
    model : str
        The model: its name and version, as in the predictions.
    threshold : float
        Probability from which a pixel is cloud.

    Returns
    -------
    str
        Such as "accepted from unet1@3f2a, threshold 0.50".
    """
    return f"{ACCEPTED}{model}{THRESHOLD}{threshold:.2f}"


def accepted_model(how: str) -> str:
    """Give the model of a description by `accepted_from`.

    Parameters
    ----------
    how : str
        How a mask was made.

    Returns
    -------
    str
        The model; empty for a mask that was made otherwise.
    """
    if not how.startswith(ACCEPTED):
        return ""
    return how.removeprefix(ACCEPTED).rpartition(THRESHOLD)[0]
