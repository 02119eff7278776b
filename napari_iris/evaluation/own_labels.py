"""Labels that are masks of the evaluated model, accepted unchanged: it cannot be wrong on these."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from napari_iris.dataset.find_project import TAGS_OF
from napari_iris.errors import FileError, IrisError
from napari_iris.evaluation.baselines import AUTOMATIC
from napari_iris.evaluation.matches import LeftOut
from napari_iris.inference.baseline_check import BASELINE_NAMES
from napari_iris.inference.prediction_file import read_prediction
from napari_iris.matching.data_folder import data_kind
from napari_iris.numbers import format_count
from napari_iris.project.label_origin import label_origins

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.evaluation.matches import Matches


@dataclass(frozen=True)
class OwnLabels:
    """Labels among the matches that nobody has drawn or corrected.

    Attributes
    ----------
    models : dict of int to str
        Evaluated model that a label was accepted from, by the number of the match.
    automatic : frozenset of int
        Numbers of the matches to evaluate whose label is the automatic mask.
    left_out : list of LeftOut
        The frames of `models`, if they are left out.
    total : int
        Number of matches, with those that are left out.
    included : bool
        Whether nothing is left out.
    how : str
        How a label came from an automatic mask.
    """

    models: dict[int, str] = field(default_factory=dict)
    automatic: frozenset[int] = frozenset()
    left_out: list[LeftOut] = field(default_factory=list)
    total: int = 0
    included: bool = True
    how: str = "approved unchanged from"

    @property
    def counts(self) -> dict[str, int]:
        """Number of labels accepted from each model."""
        return dict(Counter(self.models.values()))

    def remarks(self) -> tuple[str, ...]:
        """Say what this means for the scores, in sentences."""
        found = []
        for model, count in self.counts.items():
            what = f"{count} of {format_count(self.total, 'label')} accepted unchanged from {model}"
            found.append(
                f"{what}, which is evaluated here: left out, as it cannot be wrong on these."
                if self.left_out
                else f"{what}, which is evaluated here: these scores are optimistic."
            )
        if self.automatic:
            found.append(self._about_automatic())
        return tuple(found)

    @property
    def not_for(self) -> tuple[str, ...]:
        """Baselines that the labels of `automatic` do not count for: it may be their mask."""
        return () if self.included or not self.automatic else AUTOMATIC

    def _about_automatic(self) -> str:
        count, (*first, last) = len(self.automatic), (BASELINE_NAMES[name] for name in AUTOMATIC)
        labels, names = format_count(self.total, "label"), f"{', '.join(first)} and {last}"
        what = f"{count} of {labels} {self.how} the automatic mask"
        if self.included:
            return f"{what}: the scores of {names}, which make such masks, are optimistic."
        what += f": left out of the scores of {names}, which make such masks"
        left = self.total - len(self.left_out) - count
        if not left:
            return f"{what}; these have no other label."
        return f"{what}; these scores, and their comparison with the model, are from {left} labels."


def find_own_labels(
    truth: Path, masks: str, matches: Matches, *, included: bool
) -> tuple[Matches, OwnLabels]:
    """Find the labels that were accepted from an evaluated model, and leave them out.

    Labels that are the automatic mask are left out of the scores of the baselines that it is made
    like, see `OwnLabels.not_for`.

    Parameters
    ----------
    truth : Path
        The labelled frames; only a project knows where its labels come from.
    masks : str
        Masks of a project to use: see `find_samples`.
    matches : Matches
        Predictions and labelled frames.
    included : bool
        Whether they are evaluated nevertheless.

    Returns
    -------
    matches : Matches
        Those to evaluate.
    own : OwnLabels
        What was found.

    Raises
    ------
    IrisError
        If no other label is left.
    """
    if data_kind(truth) != "project":
        return matches, OwnLabels()
    origins = label_origins(truth, TAGS_OF[masks])
    models: dict[int, str] = {}
    paths = [matches.samples.path(row) for row in matches.rows.tolist()]
    for place, path in enumerate(paths):
        known = origins.models.get(path)
        if known is None:
            continue
        segmenters = set(map(_segmenter, known))
        evaluated = [model for model in _models(matches, place) if _segmenter(model) in segmenters]
        if evaluated:
            models[place] = evaluated[0]
    how = "approved unchanged from" if masks == "approved" else "taken from"
    kept = [path for place, path in enumerate(paths) if included or place not in models]
    automatic = frozenset(place for place, path in enumerate(kept) if path in origins.automatic)
    if included or not models:
        return matches, OwnLabels(models, automatic, [], len(matches), included, how)
    left_out = [
        LeftOut(
            matches.names[place],
            str(paths[place]),
            f"its label was accepted from {model}, which is evaluated",
            failed=False,
        )
        for place, model in models.items()
    ]
    own = OwnLabels(models, automatic, left_out, len(matches), included=False, how=how)
    if len(models) == len(matches):
        fix = "label frames by hand, or include these (--accepted)"
        raise IrisError(f"{own.remarks()[0].partition(':')[0]}: no other label; {fix}")
    return matches.without(models), own


def _models(matches: Matches, place: int) -> list[str]:
    """Models that made the predictions of a match; a damaged file is reported when it is scored."""
    found = []
    for files in (matches.predictions, matches.against):
        with suppress(FileError):
            found += [read_prediction(file).model for file in files[place : place + 1]]
    return found


def _segmenter(model: str) -> str:
    """Give the network that draws the masks, whatever classifier runs before it."""
    return model.partition("+")[0]
