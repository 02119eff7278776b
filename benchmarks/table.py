"""The published table: baselines, shipped and trained models on public cloud sets.

    python benchmarks/table.py --out FOLDER [--data ../shared/data] [--only hyta swinseg ...]

Near copies stay together where a set is divided. The baselines and the shipped models see every
picture. Fine-tuned models and those from scratch are tested in five turns, each on another fifth of
the pictures; of the rest, one in eight validates. A row adds up the turns that are finished, so
the table is filled by the first and grows surer with each. FOLDER keeps what is finished: the same
command goes on after it was stopped, and trains again only what a new shipped model changes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
import time
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from page import replace_table
from picture_scores import SHAPE, count_scores
from picture_sets import (
    SETS,
    command,
    import_project,
    make_folds,
    parts_of_few,
    parts_of_turn,
    save_parts,
)

from napari_iris.io.atomic import atomic_open
from napari_iris.metrics.counts import Counts, scores
from napari_iris.networks.find import find_model
from napari_iris.networks.weights import WEIGHTS
from napari_iris.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

COLOURS = ("grey", "ratio", "rgb")
"""How pictures are imported; infrared frames have one value per pixel, shipped models one plane."""

BASELINES = {"all_cloud": "all cloud", "otsu": "Otsu", "recipe": "recipe", "recipe_gate": "gate"}
SHOWN = ("accuracy", "iou_clear", "balanced_accuracy", "mcc")

BATCH = 8
RATES = {"unet": 0.003, "vgg8": 0.001}
"""Learning rates from scratch; fine-tuning takes a third of them, for a quarter of the steps."""

FEW = 20
"""Frames that a person corrects before fine-tuning."""


@dataclass(frozen=True)
class Method:
    """A way to a model."""

    name: str
    tuned: bool = False
    trained: bool = True
    few: bool = False


SHIPPED = Method("shipped", trained=False)
CASCADE = Method("shipped, with classifier", trained=False)
TUNED, SCRATCH = Method("fine-tuned", tuned=True), Method("from scratch")
TUNED_FEW = Method(f"fine-tuned on {FEW} frames", tuned=True, few=True)


@dataclass(frozen=True)
class Job:
    """One result: a method on pictures of a set, in one turn or, untrained, on all."""

    source: str
    colour: str
    method: Method
    turn: int = 0

    @property
    def name(self) -> str:
        """Name of its result and its folder."""
        method = self.method.name.replace(", ", "-").replace(" ", "-")
        return f"{self.source}-{self.colour}-{method}-{self.turn}"


class Table:
    """What the table is made of, in a folder that keeps what is finished."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.out: Path = options.out
        for name in ("projects", "results", "runs"):
            (self.out / name).mkdir(parents=True, exist_ok=True)

    def jobs(self) -> Iterator[Job]:
        """Untrained models first, then turn by turn."""
        sources = [
            (name, colour)
            for colour in COLOURS
            for name in self.options.only
            if colour == "grey" or SETS[name].layout != "iris"
        ]
        for name, colour in sources:
            if colour != "rgb":
                yield Job(name, colour, SHIPPED)
                if SETS[name].layout != "swimcat":
                    yield Job(name, colour, CASCADE)
        for turn in range(self.options.until):
            for name, colour in sources:
                few = (TUNED_FEW,) if SETS[name].layout == "iris" else ()
                for method in (SCRATCH,) if colour == "rgb" else (*few, TUNED, SCRATCH):
                    yield Job(name, colour, method, turn)

    def kind(self, job: Job) -> str:
        """Kind of the network: of classes for swimcat, of pixels otherwise."""
        return "vgg8" if SETS[job.source].layout == "swimcat" else "unet"

    def key(self, job: Job) -> dict[str, Any]:
        """Collect what a result depends on: once it differs, the job is done again."""
        found: dict[str, Any] = {"turns": self.options.turns, "seed": self.options.seed}
        if job.method.trained:
            found |= {"steps": self.steps(job), "network": list(map(str, self.network(job)))}
        if job.method.tuned or not job.method.trained:
            models = [self.kind(job)] + ["vgg8"] * (job.method == CASCADE)
            weights = [
                (find_model(getattr(self.options, m)) / WEIGHTS).read_bytes() for m in models
            ]
            found["models"] = [hashlib.sha256(one).hexdigest()[:12] for one in weights]
        return found

    def result(self, job: Job) -> dict[str, Any] | None:
        """Give the stored result of a job; None if it is missing or of other settings."""
        path = self.out / "results" / f"{job.name}.json"
        found = json.loads(path.read_text()) if path.exists() else None
        return found if found and found["key"] == self.key(job) else None

    def run(self, job: Job) -> dict[str, Any]:
        """Do a job and store its result: counts by method, pictures, seconds."""
        start, chosen = time.monotonic(), SETS[job.source]
        project = self.out / "projects" / f"{job.source}-{job.colour}"
        import_project(chosen, self.options.data, project, job.colour)
        run = self.out / "runs" / job.name
        shutil.rmtree(run, ignore_errors=True)
        work = self.train if job.method.trained else self.predict
        counts, pictures = count_scores(
            run / "predictions", project, chosen, work(job, project, run)
        )
        shutil.rmtree(run)
        seconds = round(time.monotonic() - start)
        found = {"key": self.key(job), "pictures": pictures, "seconds": seconds, "counts": counts}
        with atomic_open(self.out / "results" / f"{job.name}.json") as file:
            file.write(json.dumps(found, indent=1).encode())
        return found

    def predict(self, job: Job, project: Path, run: Path) -> None:
        """Predict all pictures with the shipped model."""
        model = getattr(self.options, self.kind(job))
        classifier = self.options.vgg8 if job.method == CASCADE else "none"
        chosen = () if self.kind(job) == "vgg8" else ("--classifier", classifier)
        frames = [self.options.data / folder for folder in SETS[job.source].folders]
        if SETS[job.source].layout != "iris":
            frames = sorted((project / "frames").iterdir())
        words = "--out", run / "predictions", *chosen, "--reference", "none"
        command("predict", model, *frames, *words)

    def train(self, job: Job, project: Path, run: Path) -> Sequence[Path]:
        """Train, predict the pictures that are tested in this turn, and give their files."""
        kind = self.kind(job)
        paths = self.divide(job, project)
        epochs = ceil(self.steps(job) / ceil(len(paths["train"]) / BATCH))
        rate = RATES[kind] / 3 if job.method.tuned else RATES[kind]
        line = (
            f"--epochs {epochs} --patience {epochs} --learning-rate {rate} --schedule cosine "
            f"--warmup 1 --batch-size {BATCH} --aug-batch-size {BATCH} --seed {self.options.seed} "
            f"--clip-norm 1 --mirror "
            f"--masks {SETS[job.source].masks} --reference none --no-evaluate"
        )
        words = *self.network(job), *line.split(), "--save-predictions", run / "predictions"
        command("train", kind, project, "--out", run / "model", *words)
        return paths["test"]

    def divide(self, job: Job, project: Path) -> dict[str, Sequence[Path]]:
        """Save in a project what is learned and tested in a turn, alike for all colours."""
        grey = project.with_name(f"{job.source}-grey")
        import_project(SETS[job.source], self.options.data, grey, "grey")
        with Project(grey, read_only=True) as opened:
            pictures = len(opened.table)
        count, parts_of = 2 * self.options.turns, parts_of_turn
        if job.method.few:
            count, parts_of = max(2, pictures // FEW), parts_of_few
        folds = make_folds(grey, count, self.options.seed)
        return save_parts(project, parts_of(folds, job.turn))

    def steps(self, job: Job) -> int:
        """Give the steps of a training: fine-tuned for longer, small sets are learned by heart."""
        return self.options.steps // 4 or 1 if job.method.tuned else self.options.steps

    def network(self, job: Job) -> list[object]:
        """Give the options of a network that is trained; a VGG8 from scratch has three levels."""
        kind, infrared = self.kind(job), SETS[job.source].layout == "iris"
        levels = self.options.channels[:3] if kind == "vgg8" else self.options.channels
        new = ["--channels", *levels, "--planes", 3 if job.colour == "rgb" else 1]
        words = ["--init", getattr(self.options, kind)] if job.method.tuned else new
        if kind == "unet" or not job.method.tuned:  # a VGG8 keeps its shape
            words += ["--shape", *(SHAPE if infrared else self.options.shape)]
        return [*words, "--normalisation", "recipe"] if infrared else words


def markdown(table: Table, jobs: Iterable[Job]) -> Iterator[str]:
    """Lines of the table: a row for each set, colour and method, of all finished turns."""
    titles = ("set", "picture", "method", "accuracy", "published", "clear IoU", "balanced", "MCC")
    titles = (*titles, "pictures", "Otsu on these")
    yield f"| {' | '.join(titles)} |"
    yield "|---" * len(titles) + "|"
    rows: dict[tuple[str, str, str], list[tuple[Counts, Counts, int]]] = {}
    for job in jobs:
        result = table.result(job)
        if result is None:
            continue
        counts = {name: Counts(**one) for name, one in result["counts"].items()}
        names = (BASELINES if job.method == SHIPPED else {}) | {"model": job.method.name}
        for name, shown in names.items():
            row = rows.setdefault((job.source, job.colour, shown), [])
            row.append((counts[name], counts["otsu"], result["pictures"]))
    for row, results in sorted(rows.items(), key=lambda one: order_of(table, one[0])):
        found, otsu = (sum(side, Counts()) for side in list(zip(*results, strict=True))[:2])
        cells = [f"{scores(found)[name]:.3f}" for name in SHOWN]
        cells.insert(1, published(*row))
        cells += [str(sum(one[2] for one in results)), f"{scores(otsu)['accuracy']:.3f}"]
        yield f"| {' | '.join((*row, *cells))} |"


def order_of(table: Table, row: tuple[str, str, str]) -> tuple[int, int]:
    """Order of the rows: by set and colour, otherwise as they came."""
    return table.options.only.index(row[0]), COLOURS.index(row[1])


def published(source: str, colour: str, method: str) -> str:
    """Accuracy that was published for a row; empty for none."""
    known = SETS[source].published
    if known is None or colour != "grey":
        return ""
    of = {"shipped": known.direct, "fine-tuned": known.tuned, "from scratch": known.scratch}
    value = (of | {"Otsu": known.otsu}).get(method)
    return "" if value is None else f"{value:.3f}"


def main() -> None:
    """Do what is not finished, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir(), "iris-table"))
    parser.add_argument("--only", nargs="+", choices=SETS, default=list(SETS), metavar="SET")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument(
        "--until",
        type=int,
        help="stop after so many turns, 0 for shipped models alone (default: all)",
    )
    parser.add_argument("--steps", type=int, default=800, help="of each training")
    parser.add_argument("--channels", type=int, nargs="+", default=[16, 24, 48, 96, 128])
    parser.add_argument("--shape", type=int, nargs=2, default=[64, 80], help="of pictures")
    parser.add_argument("--unet", default="unet-lwir", help="shipped model, or a folder")
    parser.add_argument("--vgg8", default="vgg8-lwir")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="one short turn, to try the command")
    parser.add_argument("--docs", type=Path, help="page whose table is replaced, between its marks")
    parser.add_argument("--print", action="store_true", help="print what is finished, and stop")
    options = parser.parse_args()
    if options.quick:
        options.until, options.steps = 1, 2
    options.until = options.turns if options.until is None else options.until
    table = Table(options)
    jobs = list(table.jobs())
    for number, job in enumerate(jobs, start=1):
        if not options.print and table.result(job) is None:
            result = table.run(job)
            found = scores(Counts(**result["counts"]["model"]))
            line = f"accuracy {found['accuracy']:.3f}, {result['seconds']} s"
            print(f"{number}/{len(jobs)} {job.name}: {line}", flush=True)
    lines = "\n".join(markdown(table, jobs))
    print(lines)
    if options.docs:
        replace_table(options.docs, lines)


if __name__ == "__main__":
    main()
