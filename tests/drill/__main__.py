"""Run the drill: ``python -m tests.drill --runs 3000``; exit 1 where a run is bad."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from pathlib import Path
from random import Random

import astropy.io.fits  # noqa: F401  (a fork need not import it again)
import skimage.filters  # noqa: F401

from tests.drill.cases import KINDS, Case, all_cases, sample
from tests.drill.commands import leaves
from tests.drill.ground import make_ground
from tests.drill.process import Plan, Ran, run
from tests.drill.verdict import faults, snapshot

KEPT = ("out/notes_kept.txt", "out/sky_0_kept.fits", "project/notes_kept.txt")
"""Files of a person that no command may touch."""


def fresh(folder: Path) -> Path:
    """A new copy of the ground."""
    ground = folder / "ground"
    shutil.rmtree(ground, ignore_errors=True)
    shutil.copytree(folder.parent / "model", ground)
    return ground


def judge(case: Case, seed: int, folder: Path) -> tuple[list[str], Ran]:
    """Run one case; give what is wrong, and the last run."""
    rng, ground = Random(seed), fresh(folder)
    plan = case.prepare(ground, rng)
    if case.kind not in ("good", "paths", "frames", "crafted") and rng.random() < 0.5:
        with contextlib.suppress(OSError):  # a small disk is full
            for name in KEPT:
                (ground / name).parent.mkdir(exist_ok=True)
                shutil.copy(ground / "night" / "sky_0.fits", ground / name)
    before, outputs = snapshot(ground), case.leaf.outputs
    ran = run(plan, ground, folder, endless=case.leaf.endless)
    if case.kind == "good" and ran.code not in (0, 130):
        return [f"good words end with {ran.code}"], ran
    last = not (plan.again or plan.environment or plan.shell or plan.limits or plan.meanwhile)
    found = faults(plan, ran, ground, before, outputs, last=last)
    if plan.after:
        plan.after()
    if plan.again and not found:
        again = Plan(plan.words)
        ran = run(again, ground, folder, endless=case.leaf.endless)
        found = [f"again: {one}" for one in faults(again, ran, ground, before, outputs, last=True)]
    return found, ran


def work(drawn: list[tuple[Case, int]], folder: Path, log: Path) -> None:
    """Judge cases one by one; a line for each."""
    folder.mkdir()
    with log.open("w") as file:
        for case, seed in drawn:
            start = time.monotonic()
            found, ran = judge(case, seed, folder)
            row = {"case": str(case), "seed": seed, "bad": found, "code": ran.code}
            row |= {
                "s": round(time.monotonic() - start, 2),
                "err": ran.err[-1500:] if found else "",
            }
            print(json.dumps(row), file=file, flush=True)
            if found:
                reasons = "; ".join(found)
                print(f"--only {shlex.quote(str(case))} --seed-of {seed}: {reasons}", flush=True)


def main() -> int:
    """Make the ground, run the cases on some processes, print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--quick", action="store_true", help="none that takes long")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--seed-of", type=int, help="run one case once, with this seed")
    parser.add_argument("--log", type=Path, help="file for a JSON line per run")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="iris-drill-"))
    try:
        return drill(options, folder)
    finally:
        for place in folder.glob("*/ground/out"):
            if place.is_mount():
                subprocess.run(["umount", "-l", place], check=False)
        shutil.rmtree(folder)


def drill(options: argparse.Namespace, folder: Path) -> int:
    """Run the drill in a folder of its own."""
    cases = [case for leaf in leaves() for case in all_cases(leaf, folder)]
    cases = [case for case in cases if options.only in str(case)]
    if options.quick:
        cases = [case for case in cases if case.is_quick]
    make_ground(folder / "model", keras=any(case.leaf.cost_s == 6 for case in cases))
    drawn = sample(cases, options.runs, options.seed)
    if options.seed_of is not None:
        drawn = [(cases[0], options.seed_of)]
    logs = [folder / f"{number}.log" for number in range(options.jobs)]
    children = []
    for number, log in enumerate(logs):
        children.append(os.fork())
        if not children[-1]:
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
            try:
                work(drawn[number :: options.jobs], folder / str(number), log)
                os._exit(0)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)
    died = [child for child in children if os.waitpid(child, 0)[1]]
    rows = [json.loads(line) for log in logs for line in log.read_text().splitlines()]
    if options.log:
        options.log.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return report(rows, len(drawn)) or len(died)


def report(rows: list[dict], drawn: int) -> int:
    """Print runs and bad runs by command and kind; 1 where any is bad."""
    runs: dict[str, Counter[str]] = defaultdict(Counter)
    bad: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        command, kind, _ = row["case"].split(" / ", 2)
        for name in (command, "all"):
            runs[name][kind] += 1
            bad[name][kind] += bool(row["bad"])
    print(f"{'runs/bad':<24}" + "".join(f"{kind:>10}" for kind in (*KINDS, "all")))
    for name, counts in runs.items():
        cells = [(counts[kind], bad[name][kind]) for kind in KINDS]
        cells.append((counts.total(), bad[name].total()))
        print(f"{name:<24}" + "".join(f"{f'{one}/{two}':>10}" for one, two in cells))
    total = bad["all"].total()
    print(f"{len(rows)} of {drawn} runs, {total} bad")
    return int(total > 0 or len(rows) < drawn)


if __name__ == "__main__":
    sys.exit(main())
