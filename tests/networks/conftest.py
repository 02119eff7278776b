"""Models as published code builds and saves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

SHAPE = (32, 40)


def unet(
    channels: tuple[int, ...] = (4, 8),
    convolutions: int = 2,
    *,
    lower_first: bool = False,
    resize: str = "UpSampling2D",
    end: str | None = None,
    apart: bool = False,
    shape: tuple[int, int] = SHAPE,
) -> Any:
    """A U-Net as published code writes it; `apart` has activations as layers, and dropout."""
    from keras import Input, Model, layers

    def convolve(tensor: Any, filters: int) -> Any:
        for _ in range(convolutions):
            activation = None if apart else "relu"
            tensor = layers.Conv2D(filters, 3, padding="same", activation=activation)(tensor)
            if apart:
                tensor = layers.Dropout(0.2)(layers.ReLU()(tensor))
        return tensor

    start = tensor = Input((*shape, 1))
    skips = []
    for filters in channels:
        tensor = convolve(tensor, filters)
        skips.append(tensor)
        tensor = layers.MaxPooling2D()(tensor)
    for filters, skip in zip(reversed(channels), reversed(skips), strict=True):
        if resize == "UpSampling2D":
            near = layers.UpSampling2D()(tensor)
        else:
            near = layers.Resizing(*skip.shape[1:3], interpolation="nearest")(tensor)
        pair = [near, skip] if lower_first else [skip, near]
        tensor = convolve(layers.Concatenate()(pair), filters)
    logit = layers.Conv2D(1, 3, padding="same", activation=None if apart else end)(tensor)
    return Model(start, layers.Activation(end)(logit) if apart and end else logit)


def vgg8(end: str | None = "sigmoid") -> Any:
    from keras import Input, Sequential, layers

    model = Sequential([Input((*SHAPE, 1))])
    for filters in (4, 8):
        model.add(layers.Conv2D(filters, 3, activation="relu"))
        model.add(layers.Conv2D(filters, (3, 3), activation="relu"))
        model.add(layers.MaxPooling2D((2, 2)))
    model.add(layers.Flatten())
    model.add(layers.Dense(128, activation="relu"))
    model.add(layers.Dense(1, activation=end))
    return model


def saved(model: Any, path: Path) -> Path:
    """Save a model with weights that are not all alike, biases too."""
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.3, one.shape) for one in model.get_weights()])
    if path.name.endswith(".weights.h5"):
        model.save_weights(path)
    else:
        model.save(path)
    return path
