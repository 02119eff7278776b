"""The losses, from sums over a batch: one definition for Keras and Flax, one GPU or several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_iris.training.config import Loss

FOCUS = 2.0
"""Gamma of the focal loss (Lin et al., 2017)."""

SMOOTH = 1.0
"""What keeps the Dice of a batch without cloud from being 0 / 0, in pixels."""

LEAST = 1e-7
"""Weight that a batch is divided by at least."""


def loss_sums(
    maths: Any, name: Loss, logits: Any, y: Any, weight: Any, smoothing: float = 0.0
) -> Any:
    """Sum up what the loss of a batch is made from; sums of its parts may be added.

    Parameters
    ----------
    maths : object
        ``keras.ops``, or what has the same functions of JAX.
    name : {'bce', 'focal', 'dice'}
        The loss.
    logits, y, weight : array of float32, all of one shape
        What the network says, the truth (0 or 1), and what each value counts.
    smoothing : float
        Doubt in the truth, 0 to 1: the cross-entropy takes 0 and 1 for ``smoothing / 2`` and
        ``1 - smoothing / 2`` (Szegedy et al., 2016).

    Returns
    -------
    array of float32, shape (4,)
        Of the weighted loss, the weight, and weighted: probability where there is cloud, and
        probability plus cloud.
    """
    each = maths.softplus(logits) - (y * (1 - smoothing) + smoothing / 2) * logits
    if name == "focal":
        each = (1 - maths.exp(-each)) ** FOCUS * each
    probability = maths.exp(logits - maths.softplus(logits))
    summed = (each * weight, weight, probability * y * weight, (probability + y) * weight)
    return maths.stack([maths.sum(values) for values in summed])


def loss_of(maths: Any, name: Loss, sums: Any) -> Any:
    """Loss of a batch, from the sums over all of it.

    'bce' and 'focal' are means over all that counts. 'dice' is the binary cross-entropy plus one
    minus the soft Dice coefficient (Milletari et al., 2016) of the whole batch:
    ``1 - (2 sum(w p y) + 1) / (sum(w p) + sum(w y) + 1)``.
    """
    loss = sums[0] / maths.maximum(sums[1], LEAST)
    if name == "dice":
        loss += 1 - (2 * sums[2] + SMOOTH) / (sums[3] + SMOOTH)
    return loss
