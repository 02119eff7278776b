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
from typing import TYPE_CHECKING

from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.cli.options import add_frames, add_overwrite, add_reference, add_site_mask
from napari_iris.cli.progress import Progress
from napari_iris.commands.configs import MASK

if TYPE_CHECKING:
    import argparse

EXAMPLES = """\
examples:
  napari-iris mask night/ --out masks/
  napari-iris mask 'archive/2023-*/*.fits' --out masks/ --jobs 8
  napari-iris mask night/ --out masks/ --reference camera.fits
  napari-iris mask night/ --out masks/ --site-mask horizon.fits
  napari-iris mask night/ --out published/ --no-gate       the published recipe, bit for bit
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_frames(parser)
    MASK.add_to(parser)
    add_reference(parser)
    add_site_mask(parser)
    add_overwrite(parser)


def run(options: argparse.Namespace) -> int:
    """Make the masks; 1 if some frames failed."""
    from napari_iris.frames.paths import find_frames
    from napari_iris.frames.site_mask_file import resolve_site_mask
    from napari_iris.masks.night import write_masks
    from napari_iris.radiometry.archive import resolve_references

    config = MASK.read(options)
    paths, problems = find_frames(options.frames)
    progress = Progress(len(paths) + len(problems), as_json=options.json)
    where = {"hdu": options.hdu, "plane": options.plane}
    choice = options.reference if config.gate else "none"
    is_recipe = options.site_mask == "auto" and not config.gate  # bit for bit, as published
    site = resolve_site_mask("none" if is_recipe else options.site_mask, paths, **where)
    references = resolve_references(choice, paths, **where, site=site)
    masks = write_masks(
        paths,
        options.out,
        config,
        jobs=options.jobs,
        references=references,
        site=site,
        overwrite=options.overwrite,
        **where,
    )
    skies = Counter(row.sky or row.method for row in progress.follow(chain(problems, masks)))
    counts = ", ".join(f"{count} {sky}" for sky, count in skies.most_common())
    if counts and choice != "none":
        counts += f"; reference: {references}"
    if counts and site is not None:
        counts += f"; site mask: {site}"
    progress.end(f"{skies.total()} masks in {options.out}", counts, masks=dict(skies))
    return SOME_FAILED if progress.failed else OK
