"""The predictions of a campaign: models that each process opens once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

from napari_iris.campaign.part import part_name
from napari_iris.campaign.work import Outcomes, RowType, Work
from napari_iris.errors import IrisError
from napari_iris.inference.pipeline import predict_frames
from napari_iris.inference.predictor import Predictor
from napari_iris.inference.rows import TABLE, PredictionRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_iris.campaign.frames import ShardFrames
    from napari_iris.frames.paths import FramePaths
    from napari_iris.frames.site_mask import SiteMask
    from napari_iris.inference.clear_sky import ClearSky
    from napari_iris.inference.config import PredictConfig
    from napari_iris.io.pack_writer import Pack


@dataclass(frozen=True, kw_only=True)
class PredictWork(Work[PredictionRow]):
    """Predict frames, as ``predict`` does.

    Attributes
    ----------
    models : tuple of str or None
        Folders of the model and its classifier.
    config : PredictConfig
        How.
    references, site : ReferenceSet, SiteMask or None
        See `Predictor`.
    requested : mapping
        Settings of the predictor.
    opened : list of Predictor
        The predictor, in the process that opened it; others open the models again.
    """

    command: ClassVar[str] = "predict"
    table: ClassVar[str] = TABLE
    row: ClassVar[RowType] = PredictionRow
    file: ClassVar[str] = "prediction"
    uses_all_cores: ClassVar[bool] = True
    models: tuple[str, str | None]
    config: PredictConfig
    references: ClearSky
    site: SiteMask | None
    requested: Mapping[str, Any]
    opened: list[Predictor]

    @property
    def settings(self) -> Mapping[str, Any]:
        """Everything that determines the predictions."""
        return {**self.requested, **self.where}

    @classmethod
    def of(cls, predictor: Predictor, out: Path, config: PredictConfig, **reading: Any) -> Self:
        """Give the work of a predictor."""
        found = [
            None if one is None else one.folder for one in (predictor.unet, predictor.classifier)
        ]
        models = [str(one) for one in found if one is not None]
        return cls(
            out=out,
            models=(models[0], models[1] if len(models) > 1 else None),
            config=config,
            references=predictor.clear_sky,
            site=predictor.site,
            requested=predictor.settings,
            opened=[predictor],
            **reading,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle it without the opened models."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return partial(type(self), **{**values, "opened": []}), ()

    def outcomes(
        self,
        paths: FramePaths,
        frames: ShardFrames,
        pack: Pack | None,
        *,
        keep: bool,  # noqa: ARG002 (rows name their run)
    ) -> Outcomes[PredictionRow]:
        """Predict the frames that are not predicted yet."""
        yield from predict_frames(
            paths,
            self.out,
            self._predictor(),
            batch_size=self.config.batch_size,
            **self.where,
            overwrite=self.overwrite,
            table=part_name(self.table, frames.shard),
            files=frames.files,
            pack=pack,
        )

    def _predictor(self) -> Predictor:
        """Open the models, once in a process; on this machine they must be the same ones."""
        if self.opened:
            return self.opened[0]
        predictor = _open(*self.models, self.config)
        if self.requested["model"] != predictor.id:
            reason = f"{self.models[0]}: is {predictor.id} here, but {self.requested['model']}"
            raise IrisError(f"{reason} where the campaign was started; use one copy of the model")
        predictor.clear_sky = self.references
        predictor.use_site_mask(self.site)
        predictor.settings = dict(self.requested)
        return predictor


@lru_cache(maxsize=1)
def _open(model: str, classifier: str | None, config: PredictConfig) -> Predictor:
    return Predictor.open(model, classifier, config)
