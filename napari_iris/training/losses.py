"""The losses, computed from sums over a batch: one definition for both frameworks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_iris.training.config import Loss

GAMMA = 2.0
"""Exponent of the focal loss (Lin et al., 2017)."""

DICE_SMOOTHING = 1.0
"""Pixels added to both sides of the Dice ratio, which is 0 / 0 for a batch without cloud."""

MIN_WEIGHT = 1e-7
"""Smallest divisor of the mean, for a batch in which every pixel is ignored."""


def loss_sums(
    ops: Any, name: Loss, logits: Any, y: Any, weight: Any, smoothing: float = 0.0
) -> Any:
    """Compute the sums from which `batch_loss` computes the loss of a batch.

    The sums of the parts of a batch can be added. That is what makes the loss of a batch shared
    by several GPUs exact, also where one of them has many ignored pixels: a mean of means is not.

    Parameters
    ----------
    ops : object
        ``keras.ops``, or the same functions of JAX.
    name : {'bce', 'focal', 'dice'}
        The loss.
    logits, y, weight : array of float32, all of one shape
        Output of the network, targets (0 or 1), and weights (0 for ignored pixels).
    smoothing : float
        Label smoothing e, 0 <= e < 1: the targets of the cross-entropy become ``e / 2`` and
        ``1 - e / 2`` (Szegedy et al., 2016).

    Returns
    -------
    array of float32, shape (4,)
        Sums over all pixels of: the weighted loss, the weight, the weighted probability where
        there is cloud, and the weighted probability plus target.
    """
    # The cross-entropy of a logit z is softplus(z) - target * z: it never takes the logarithm of
    # a probability that has been rounded to 0.
    each = ops.softplus(logits) - (y * (1 - smoothing) + smoothing / 2) * logits
    if name == "focal":
        # exp(-loss) is the probability given to the right class, so that pixels which are
        # classified well already contribute little
        each = (1 - ops.exp(-each)) ** GAMMA * each
    probability = ops.exp(logits - ops.softplus(logits))  # the sigmoid, without overflow
    terms = (each * weight, weight, probability * y * weight, (probability + y) * weight)
    return ops.stack([ops.sum(values) for values in terms])


def batch_loss(ops: Any, name: Loss, sums: Any) -> Any:
    """Compute the loss of a batch from the sums over all of it.

    'bce' and 'focal' are weighted means. 'dice' is the binary cross-entropy plus one minus the
    soft Dice coefficient (Milletari et al., 2016) of the whole batch:
    ``1 - (2 sum(w p y) + 1) / (sum(w p) + sum(w y) + 1)``.

    Parameters
    ----------
    ops : object
        ``keras.ops``, or the same functions of JAX.
    name : {'bce', 'focal', 'dice'}
        The loss.
    sums : array of float32, shape (4,)
        As returned by `loss_sums`, added up over all devices.

    Returns
    -------
    array of float32, shape ()
        The loss.
    """
    loss = sums[0] / ops.maximum(sums[1], MIN_WEIGHT)
    if name == "dice":
        loss += 1 - (2 * sums[2] + DICE_SMOOTHING) / (sums[3] + DICE_SMOOTHING)
    return loss
