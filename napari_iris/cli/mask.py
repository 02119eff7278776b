"""Make a cloud mask for every frame.

The clear sky of the camera is learned from the frames: cloud is what is warmer. Where it cannot be
learned, each frame is evaluated alone: segmented by the published recipe (logarithmic stretch of
its zscale range, Otsu's threshold) and checked by the sky gate, which gives a clear frame an empty
mask and an overcast one a full mask. Masks go to DIR/<frame>_mask.fits, a table to sort by trust
to DIR/masks.csv. Human masks are kept, and so are masks of other frames and masks that were changed
since, without --overwrite.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any

from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.cli.options import (
    add_frames,
    add_overwrite,
    add_reference,
    add_site_mask,
    add_table,
    reference_setting,
)
from napari_iris.cli.progress import Progress
from napari_iris.cli.shards import GivenFrames, add_pack, add_shards
from napari_iris.commands.configs import MASK

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from napari_iris.errors import FileError
    from napari_iris.events import Result

EXAMPLES = """\
examples:
  napari-iris mask night/ --out masks/
  napari-iris mask 'archive/2023-*/*.fits' --out masks/ --jobs 8
  napari-iris mask night/ --out masks/ --reference camera.fits
  napari-iris mask night/ --out masks/ --site-mask horizon.fits
  napari-iris mask 'archive/**/*.fits' --out masks/ --shard 2/16
  napari-iris mask 'archive/**/*.fits' --out masks/ --shard 2/16 --pack
  napari-iris mask night/ --out published/ --no-gate       the published recipe, bit for bit
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_frames(parser)
    MASK.add_to(parser)
    add_reference(parser)
    add_site_mask(parser)
    add_overwrite(parser)
    add_shards(parser)
    add_pack(parser)
    add_table(parser, "csv; with --scheduler, as `merge`")


def run(options: argparse.Namespace) -> int:
    """Make the masks; 1 if some frames failed."""
    from napari_iris.frames.site_mask_file import resolve_site_mask
    from napari_iris.masks.mask_table import TABLE, MaskRow
    from napari_iris.masks.night import write_masks
    from napari_iris.radiometry.archive import resolve_references

    config = MASK.read(options)
    given = GivenFrames(options)
    paths = given.paths
    progress = Progress(given.total + len(given.problems), as_json=options.json)
    where = {"hdu": options.hdu, "plane": options.plane}
    choice = options.reference if config.gate else "none"
    is_recipe = options.site_mask == "auto" and not config.gate  # bit for bit, as published
    site = resolve_site_mask("none" if is_recipe else options.site_mask, paths, **where)
    references = resolve_references(choice, paths, **where, site=site)
    how: dict[str, Any] = {"references": references, "site": site, "jobs": options.jobs, **where}
    how["overwrite"] = options.overwrite
    notes = [] if choice == "none" else [f"reference: {references}"]
    notes += [] if site is None else [f"site mask: {site}"]
    if given.is_campaign:
        from napari_iris.campaign.work import MaskWork

        how |= {"choice": reference_setting(choice), "packs": given.packs}
        work = MaskWork(out=options.out, config=config, **how)
        masks: Iterable[MaskRow | FileError | None] = given.outcomes(work, notes)
    else:
        masks = write_masks(paths, options.out, config, **how)
    skies: Counter[str] = Counter()
    before = 0
    for row in progress.follow(chain(given.problems, masks)):
        if row is None:
            before += 1
        else:
            skies[row.sky or row.method] += 1
    given.store_table(options.out / TABLE, MaskRow)
    counts = [", ".join(f"{count} {sky}" for sky, count in skies.most_common())] if skies else []
    counts += [f"{before} made earlier"] if before else []
    made: Result = {"masks": dict(skies)}
    if given.is_campaign:
        made["done_before"] = before
    total = skies.total() + before
    details = "; ".join([*counts, *(notes if counts else [])])
    progress.end(f"{total} masks in {options.out}{given.suffix}", details, **made)
    return SOME_FAILED if progress.failed else OK
