"""How a mask was made, in words that tell of which model it is."""

from __future__ import annotations

import pytest

from napari_iris.project.label_origin import accepted_from, accepted_model


@pytest.mark.parametrize("model", ["unet1@3f2a", "a, threshold of a@0", "unet 1"])
def test_the_model_of_an_accepted_mask_is_read_back(model: str) -> None:
    assert accepted_model(accepted_from(model, 0.9)) == model


@pytest.mark.parametrize("how", ["", "drawn", "approved as model", "restored mask 3"])
def test_other_masks_are_of_no_model(how: str) -> None:
    assert accepted_model(how) == ""
