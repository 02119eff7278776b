"""Whether a model is better than the baselines that need no network, by its own report and card."""

from __future__ import annotations

import json
from math import isnan, nan
from typing import TYPE_CHECKING, Any

from napari_iris.training.run_folder import EVALUATED_PARTS, RUN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_iris.networks.spec import Kind

BASELINE_NAMES = {
    "all_cloud": "Always cloud",
    "otsu": "Otsu",
    "recipe": "Recipe",
    "recipe_gate": "Recipe + gate",
    "reference": "Gate + reference",
}
"""Names of the baselines, by their keys in a report."""

RECIPE_SHARE = 0.5
"""Part of the frames from which the truth counts as the recipe's: human masks never equal it."""


def baseline_caution(folder: Path, kind: Kind, metrics: Mapping[str, float]) -> str:
    """Say which baseline a model is no better than.

    The scores compared are MCC, then accuracy: those of the report that the training left, on its
    test frames, else on its validation frames. Without a report, the model's card is taken: to
    always answer "cloud" has an MCC of 0.

    Parameters
    ----------
    folder : Path
        The model folder.
    kind : {'unet', 'vgg8'}
        The network.
    metrics : mapping of str to float
        Scores in the model's card.

    Returns
    -------
    str
        Such as "no better than Otsu", with the best of these baselines; empty where the model is
        better than all, and where that is not known.
    """
    for part in reversed(EVALUATED_PARTS):
        scores = _reported(folder / RUN / part / "report.json", kind)
        if scores:
            model = _rank(scores.pop("model"))
            best = max(scores, key=lambda name: _rank(scores[name]))
            return _caution(best) if _rank(scores[best]) >= model else ""
    return _caution("all_cloud") if metrics.get("mcc", nan) <= 0 else ""


def _reported(path: Path, kind: Kind) -> dict[str, dict[str, Any]]:
    """Scores of the model and the baselines in a report; none where it has none, or is damaged."""
    try:
        report = json.loads(path.read_bytes())
        block = report["classifier"] if kind == "vgg8" else report
        if not block or not block["n_frames"]:
            return {}
        scores = {"model": block["model"], **block["baselines"]}
        for name in report.get("own_labels", {}).get("not_for", ()):
            scores[name] = _beside_the_model(block, name)
        if (report.get("truth_equals_recipe") or 0) >= RECIPE_SHARE:
            scores.pop("recipe", None)
        found = {name: dict(scores[name]) for name in ("model", *BASELINE_NAMES) if name in scores}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    return found if len(found) > 1 else {}


def _beside_the_model(block: Mapping[str, Any], baseline: str) -> dict[str, float]:
    """Scores of a baseline that counts fewer frames, by its differences from the model on these."""
    if baseline not in block["comparisons"]:
        return {}
    differences = block["comparisons"][baseline]["differences"]
    return {
        name: _number(block["model"][name]) - float(differences[name]["difference"] or 0)
        for name in ("mcc", "accuracy")
    }


def _rank(scores: Mapping[str, Any]) -> tuple[float, float]:
    """MCC and accuracy; what is not defined is last."""
    mcc, accuracy = (scores.get(name) for name in ("mcc", "accuracy"))
    return _number(mcc), _number(accuracy)


def _number(value: object) -> float:
    return -1.0 if not isinstance(value, int | float) or isnan(value) else float(value)


def _caution(name: str) -> str:
    return f"no better than {BASELINE_NAMES[name]}"
