"""Manage a curation project.

PROJECT is a folder with iris.db and masks/; the frames may be elsewhere and read-only. Human labels
are never overwritten: index and import may be repeated, also while a window has the project open.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_iris.cli.main import OK, SOME_FAILED
from napari_iris.cli.options import Actions, add_jobs, add_out, add_reference, add_site_mask
from napari_iris.cli.progress import Progress
from napari_iris.commands.configs import EXPORT, MASK, SPLIT
from napari_iris.errors import ProjectError

if TYPE_CHECKING:
    from napari_iris.errors import FrameError

EXAMPLES = """\
examples:
  napari-iris project night1 index /data/2024-01-15     add the frames, make their masks
  napari-iris project night1 status
  napari-iris project night1 relearn --site-mask horizon.fits       with its pixels ignored
  napari-iris project night1 relearn       new masks for frames that nobody has touched
  napari-iris project night1 remake-masks --contrast 0.7        likewise, with other settings
  napari-iris project night1 take predictions/          as model masks; human masks are kept
  napari-iris project night1 remove-model-masks         the way back from take
  napari-iris project night1 split --percent 70 20 10 --seed 1
  napari-iris project night1 export --out labels/ --format coco
  napari-iris project night1 backup --out /backup/night1      repeated: copies only new files
"""

FILES = {"fits": (1, 1), "png": (2, 1), "coco": (1, 2), "csv": (0, 1)}
"""Files of an export by format: per frame, and besides."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("project", type=Path, metavar="PROJECT", help="the project folder")
    add = Actions(parser, EXAMPLES).add
    add("status", _status, "count frames by status and class, masks by tag")
    index = add("index", _index, "add frames, with automatic masks")
    index.add_argument("frames", nargs="+", metavar="FRAMES", help="files, folders, or globs")
    index.add_argument(
        "--masks",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="make automatic masks (default: on)",
    )
    add_jobs(index)
    MASK.add_to(index)
    add_reference(index)
    add_site_mask(index)
    relearn = add("relearn", _relearn, "learn the clear sky again, from frames approved as clear")
    relearn.add_argument(
        "--night",
        action="append",
        default=[],
        metavar="DATE",
        help="night to learn, by the day it begins on, such as 2024-01-15 (default: all)",
    )
    add_jobs(relearn)
    add_site_mask(relearn)
    remake = add("remake-masks", _remake, "make the automatic masks again, with other settings")
    add_jobs(remake)
    MASK.add_to(remake)
    take = add("take", _take, "add predictions as model masks")
    take.add_argument("predictions", type=Path, metavar="DIR", help="folder of predictions")
    add("remove-model-masks", _remove_model_masks, "remove all model masks; labels are unchanged")
    split = add("split", _split, "split into train, validation and test by night or block")
    SPLIT.add_to(split)
    export = add("export", _export, "export the labels in another format")
    add_out(export)
    EXPORT.add_to(export)
    backup = add("backup", _backup, "back up the project to another folder")
    add_out(backup, what="a new folder, or an earlier backup")


def run(options: argparse.Namespace) -> int:
    """Run the action; 1 if some frames failed."""
    return int(options.run_action(options))


def _status(options: argparse.Namespace) -> int:
    from napari_iris.project.project import Project

    with Project(options.project, read_only=True) as project:
        status = project.status()
    if options.json:
        print(json.dumps(status))
        return OK
    print(f"{'frames':<12}{status['frames']}")
    for group in ("status", "class", "masks", "duplicates"):
        counts = status[group]
        assert isinstance(counts, dict)  # noqa: S101 (for the type checker)
        parts = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        print(f"{group:<12}{parts or 'none'}")
    return OK


def _index(options: argparse.Namespace) -> int:
    from napari_iris.frames.paths import find_frames
    from napari_iris.project.indexing import index
    from napari_iris.project.project import Project
    from napari_iris.project.relearning import learn_nights
    from napari_iris.project.site_mask import choose_site_mask
    from napari_iris.radiometry.archive import resolve_references

    config = MASK.read(options) if options.masks else None
    paths, problems = find_frames(options.frames)
    choice = options.reference if config is not None and config.gate else "none"
    known = None if choice == "auto" else resolve_references(choice, paths)
    with Project(options.project) as project:
        is_recipe = options.site_mask == "auto" and config is not None and not config.gate
        site = None if is_recipe else choose_site_mask(project.folder, options.site_mask, paths)
        project.add_sources(_found(options.frames, problems))
        references = None if choice == "none" else learn_nights(project.folder, paths, known)
        progress = Progress(len(paths) + len(problems), as_json=options.json)
        for _ in progress.follow(problems):
            pass
        made = index(project, paths, config, jobs=options.jobs, references=references)
        for _ in progress.follow(made):
            pass
        frames = len(project.table)
    detail = "" if site is None else f"site mask: {site}"
    progress.end(f"{frames} frames in {options.project}", detail, frames=frames)
    return SOME_FAILED if progress.failed else OK


def _relearn(options: argparse.Namespace) -> int:
    from napari_iris.project.night_references import nights_of
    from napari_iris.project.relearning import apply_night, relearn_night
    from napari_iris.project.site_mask import choose_site_mask

    with _existing(options.project) as project:
        table, folder = project.table, project.folder
    choose_site_mask(folder, options.site_mask, table.paths)
    nights = sorted(set(nights_of(table.time).tolist()))
    unknown = sorted(set(options.night) - set(nights))
    if unknown:
        raise ProjectError(folder, f"has no night {unknown[0]}", f"its nights: {', '.join(nights)}")
    progress = Progress(len(options.night or nights), as_json=options.json)
    masks: dict[str, int] = {}
    learned = []
    for night in options.night or nights:
        renewed = relearn_night(folder, night, jobs=options.jobs)
        masks[night] = len(apply_night(folder, renewed).masks)
        learned.append(f"{night}: {renewed.references}")
        for error in renewed.failed:
            progress.fail(error)
        progress.step()
    renewed_masks = f"{sum(masks.values())} masks renewed in {options.project}"
    progress.end(renewed_masks, "; ".join(learned), masks=masks)
    return SOME_FAILED if progress.failed else OK


def _remake(options: argparse.Namespace) -> int:
    from napari_iris.project.remaking import count_untouched, remake_masks

    with _existing(options.project) as project:
        folder = project.folder
    progress = Progress(count_untouched(folder), as_json=options.json)
    config = MASK.read(options)
    masks = sum(progress.follow(remake_masks(folder, config, jobs=options.jobs)))
    progress.end(f"{masks} masks renewed in {options.project}", remade=masks)
    return SOME_FAILED if progress.failed else OK


def _take(options: argparse.Namespace) -> int:
    from napari_iris.inference.project_masks import add_predictions
    from napari_iris.inference.rows import find_predictions

    progress = Progress(len(find_predictions(options.predictions)), as_json=options.json)
    with _existing(options.project) as project:
        added = progress.follow(add_predictions(project, options.predictions))
        counts = Counter(one.how for one in added)
    details = [f"{counts['known']} added earlier"] if counts["known"] else []
    details += [f"{counts['other']} of frames not in the project"] if counts["other"] else []
    progress.end(
        f"{counts['new']} predictions added to {options.project}",
        "; ".join(details),
        new=counts["new"],
        known=counts["known"],
        other=counts["other"],
    )
    return SOME_FAILED if progress.failed else OK


def _remove_model_masks(options: argparse.Namespace) -> int:
    from napari_iris.project.starting_masks import remove_model_masks

    with _existing(options.project) as project:
        removed = remove_model_masks(project.folder)
    progress = Progress(removed, as_json=options.json)
    progress.end(f"{removed} model masks removed from {options.project}", removed=removed)
    return OK


def _split(options: argparse.Namespace) -> int:
    from napari_iris.project.split import split

    config = SPLIT.read(options)
    with _existing(options.project) as project:
        counts = split(project, config)
    if options.json:
        print(json.dumps(counts))
        return OK
    print(", ".join(f"{counts[part]} {part}" for part in ("train", "validation", "test")))
    print(f"{counts['left_out']} left out: rejected, duplicates, or too near another part in time")
    print(f"overlap: {counts['same']} identical, {counts['alike']} similar in two parts")
    return OK


def _export(options: argparse.Namespace) -> int:
    from napari_iris.exporters.export import export, selected_rows
    from napari_iris.project.project import Project
    from napari_iris.project.site_mask import SITE_MASK

    config = EXPORT.read(options)
    with Project(options.project, read_only=True) as project:
        a_frame, beside = FILES[config.format]
        total = a_frame * len(selected_rows(project.table, config)) + beside
        total += (project.folder / SITE_MASK).exists()
        progress = Progress(total, as_json=options.json)
        files = Counter(
            path.suffix for path in progress.follow(export(project, options.out, config))
        )
    progress.end(f"{files.total()} files in {options.out}", files=files.total())
    return SOME_FAILED if progress.failed else OK


def _backup(options: argparse.Namespace) -> int:
    from napari_iris.project.backup import backup, count_files
    from napari_iris.project.project import Project

    with Project(options.project, read_only=True) as project:
        progress = Progress(count_files(project), as_json=options.json)
        copied = sum(1 for _ in progress.follow(backup(project, options.out)))
    progress.end(f"{copied} files copied to {options.out}", copied=copied)
    return SOME_FAILED if progress.failed else OK


def _existing(folder: Path) -> Any:
    """Open a project that must exist."""
    from napari_iris.project.project import Project

    Project(folder, read_only=True).close()
    return Project(folder)


def _found(sources: list[str], problems: list[FrameError]) -> list[str]:
    """Absolute paths of the sources with frames, to scan for new ones later."""
    empty = {str(problem.path) for problem in problems}
    return [os.path.abspath(one) for one in sources if str(Path(one)) not in empty]  # noqa: PTH100
