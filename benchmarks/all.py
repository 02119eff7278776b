"""Every figure that this project claims (benchmarks/claims.py), beside its goal: one command.

    python benchmarks/all.py [--large] [--only NAME ...] [--docs docs/performance.md]

Runs each benchmark as a process of its own. One that fails is named at the end, and the others go
on. The folder of `--out` keeps what each printed: after a stop the same command goes on, tries
again what failed, and leaves out what has run with these options and versions on this machine.
`--docs` replaces the table of a page by that of all that have run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claims import BENCHMARKS
from page import replace_table

from napari_iris.io.atomic import atomic_open

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from claims import Benchmark

ROOT = Path(__file__).parents[1]
PACKAGES = ("napari-iris", "numpy", "astropy", "openvino", "keras", "napari")
"""Those whose versions are noted."""


def machine() -> dict[str, Any]:
    """Name the processor, the number of its cores, and the versions of what computes."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text(encoding="utf-8").splitlines() if known.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


@dataclass(frozen=True)
class Runner:
    """Runs benchmarks, and keeps what they printed.

    Attributes
    ----------
    out : Path
        Folder of ``NAME.log``, what a benchmark printed, and ``NAME.json``, once it has ended.
    size : {'options', 'quick', 'large'}
        Which options the benchmarks have.
    machine : dict
        As of `machine`.
    """

    out: Path
    size: str
    machine: dict[str, Any]

    def key(self, one: Benchmark) -> dict[str, Any]:
        """Collect what a result depends on: once it differs, the benchmark runs again."""
        return {"command": one.command(self.size), "machine": self.machine}

    def log(self, one: Benchmark) -> Path:
        """File of what a benchmark printed."""
        return self.out / f"{one.script}.log"

    def date(self, one: Benchmark) -> str | None:
        """When a benchmark ran with this key; None if it has not, or lacks a figure."""
        path = self.log(one).with_suffix(".json")
        found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        is_ours = self.key(one).items() <= found.items() and not self.missing(one)
        return found["date"] if is_ours else None

    def missing(self, one: Benchmark) -> list[str]:
        """List the figures that a benchmark should have printed, and has not."""
        figures = one.figures(self.log(one).read_text(encoding="utf-8"))
        return [c.what for c, figure in figures if figure is None and not c.is_optional]

    def run(self, one: Benchmark) -> str:
        """Run a benchmark; say why it failed, or nothing."""
        log, done = self.log(one), self.log(one).with_suffix(".json")
        done.unlink(missing_ok=True)
        words = shlex.split(one.command(self.size))
        words = [sys.executable if word == "python" else word for word in words]
        with log.open("wb") as file:
            code = subprocess.call(words, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT)
        if code:
            return f"exit code {code}, see {log}"
        if missing := self.missing(one):
            return f"{log} lacks {'; '.join(missing)}"
        found = self.key(one) | {"date": datetime.now(UTC).date().isoformat()}
        with atomic_open(done) as file:
            file.write(json.dumps(found, indent=1).encode())
        return ""

    def run_all(self, chosen: Sequence[Benchmark]) -> dict[str, str]:
        """Run what has not run yet; give why some failed, by name."""
        failed = {}
        for number, one in enumerate(chosen, start=1):
            if self.date(one):
                continue
            print(f"{number}/{len(chosen)} {one.command(self.size)}", flush=True)
            start = time.monotonic()
            reason = self.run(one)
            if reason:
                failed[one.script] = reason
            print(f"    {reason or 'done'} ({time.monotonic() - start:.0f} s)", flush=True)
        return failed

    def markdown(self) -> Iterator[str]:
        """Lines of the page: the machine, and a row for each figure."""
        of = self.machine
        packages = ", ".join(f"{name} {of[name]}" for name in ("python", *PACKAGES))
        yield f"{of['processor']}, {of['cores']} cores; {packages}.\n"
        yield "| claim | measured | goal | | command | date |\n|---|---|---|---|---|---|"
        for one in BENCHMARKS:
            date, command = self.date(one), f"`{one.command(self.size)}`"
            if date is None:
                continue
            for claim, figure in one.figures(self.log(one).read_text(encoding="utf-8")):
                if figure is not None:
                    cells = (claim.what, f"{figure:g}", claim.goal, claim.verdict(figure))
                    yield f"| {' | '.join((*cells, command, date))} |"
                    command = date = ""


def main() -> None:
    """Run what has not run, then print the table, and what failed."""
    names = [one.script for one in BENCHMARKS]
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--large", action="store_true", help="campaigns of 10^5 frames, too")
    parser.add_argument("--quick", action="store_true", help="short runs, to try the commands")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "benchmarks")
    parser.add_argument("--docs", type=Path, help="page whose table is replaced, between its marks")
    parser.add_argument("--print", action="store_true", help="print what has run, and stop")
    options = parser.parse_args()
    if options.quick and options.docs:
        parser.error("figures of --quick are not claims: omit --docs")
    size = "quick" if options.quick else "large" if options.large else "options"
    out = options.out / "quick" if options.quick else options.out
    out.mkdir(parents=True, exist_ok=True)
    runner = Runner(out, size, machine())
    chosen = [one for one in BENCHMARKS if one.script in options.only]
    failed = {} if options.print else runner.run_all(chosen)
    lines = "\n".join(runner.markdown())
    print(lines)
    if options.docs:
        replace_table(options.docs, lines)
    for name, reason in failed.items():
        print(f"{name}: {reason}", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
