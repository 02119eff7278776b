"""What this project claims to be fast or right at: the benchmark that shows it, and its figures."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """A figure that a benchmark prints, and its goal.

    Attributes
    ----------
    what : str
        What is measured, with its unit.
    pattern : str
        Regular expression for a line of the output; its group is the figure.
    at_least, at_most : float, optional
        The goal, where there is one.
    is_optional : bool
        Whether a run of another size, or on another processor, does not print it.
    """

    what: str
    pattern: str
    at_least: float | None = None
    at_most: float | None = None
    is_optional: bool = False

    def figure(self, printed: str) -> float | None:
        """Find the figure in the output; of several, the worst for the goal, else the first."""
        found = [float(one) for one in re.findall(self.pattern, printed, re.MULTILINE)]
        if self.at_least is not None:
            return min(found, default=None)
        return next(iter(found), None) if self.at_most is None else max(found, default=None)

    @property
    def goal(self) -> str:
        """The goal in words; empty for none."""
        if self.at_least is not None:
            return f"at least {self.at_least:g}"
        return "" if self.at_most is None else f"at most {self.at_most:g}"

    def verdict(self, figure: float) -> str:
        """Say whether a figure reaches the goal; empty for none."""
        low, high = self.at_least, self.at_most
        if low is None and high is None:
            return ""
        is_reached = (low is None or figure >= low) and (high is None or figure <= high)
        return "reached" if is_reached else "missed"


@dataclass(frozen=True)
class Benchmark:
    """A script of this folder, and what it shows.

    Attributes
    ----------
    script, options : str
        Name without ``.py``, and its options.
    claims : tuple of Claim
        Its figures.
    window : bool
        Whether it opens windows, and so needs a display.
    quick, large : str
        Options, in place of `options`, of a short run and of one at 10^5 frames.
    """

    script: str
    claims: tuple[Claim, ...]
    options: str = ""
    window: bool = False
    quick: str = ""
    large: str = ""

    def command(self, size: str = "options") -> str:
        """Give the command line, of the usual run or of one of another size: quick, large."""
        display = "tools/on-display " if self.window else ""
        options = getattr(self, size) or self.options
        return f"{display}python benchmarks/{self.script}.py {options}".strip()

    def figures(self, printed: str) -> list[tuple[Claim, float | None]]:
        """Find the figure of each claim in what the benchmark printed."""
        return [(claim, claim.figure(printed)) for claim in self.claims]


def _campaign(command: str) -> tuple[Claim, ...]:
    """Claims about `mask` or `predict` on many small frames."""
    counts = {1000: "10^3", 10_000: "10^4", 100_000: "10^5"}
    return (
        *(
            Claim(
                f"`{command}`, {words} small frames: CPU time a frame [ms]",
                rf"^{command} +{count} frames: +([\d.]+) ms",
                is_optional=True,
            )
            for count, words in counts.items()
        ),
        Claim(
            f"`{command}`: a frame of the most over one of 10^3 [%]",
            rf"^{command}: a frame of \d+ costs ([-+][\d.]+)%",
            at_most=10,
        ),
        Claim(f"`{command}`: open files at most", rf"^{command}: .* (\d+) open files", at_most=64),
        Claim(
            f"`{command}`: memory at the most over that at 10^3 [MiB]",
            rf"^{command}: .* memory ([-+]\d+) MiB",
            at_most=64,
        ),
    )


BENCHMARKS = (
    Benchmark(
        "masks",
        (
            Claim(
                "`mask --no-gate` over the published loop [times as fast]",
                r"^times as fast.*: ([\d.]+)",
                at_least=5,
            ),
            Claim("... in CPU time", r"^times less CPU time.*: ([\d.]+)"),
            Claim(
                "`mask`, its reference learned, over the published loop [times as fast]",
                r"^times as fast.* ([\d.]+)$",
                at_least=4,
            ),
            Claim("... in CPU time", r"^times less CPU time.* ([\d.]+)$"),
        ),
        quick="--frames 20 --repeat 1 --sample 100",
    ),
    Benchmark(
        "predict",
        (
            Claim(
                "`predict` over a plain Keras loop, the same network [times as fast]",
                r"^napari-iris predict: ([\d.]+) times",
            ),
            Claim("... `--precision int8`", r"precision int8: ([\d.]+) times"),
            Claim(
                "`predict unet-lwir`, its reference learned, over it [times as fast]",
                r"classifier and reference: ([\d.]+) times",
                at_least=20,
            ),
            Claim("... in CPU time", r"classifier and reference, CPU time: ([\d.]+) times"),
        ),
        quick="--frames 4 --night 20 --repeat 1",
    ),
    Benchmark(
        "preparation",
        (
            Claim("CPU time a frame beside the networks [ms]", r"^frame and .* both +([\d.]+) ms"),
            Claim("... without a reference [ms]", r"^\.\.\. without .* both +([\d.]+) ms"),
        ),
        options="--frames 24",
        quick="--frames 4 --repeat 1",
    ),
    Benchmark(
        "training",
        (
            Claim(
                "`train` in float32 over `model.fit` [times as fast]", r"^ours, f.* ([\d.]+) x by"
            ),
            Claim("... in bfloat16", r"^ours, bf.* ([\d.]+) x by", is_optional=True),
        ),
        options="--epochs 0",
        quick="--rounds 1 --epochs 0",
    ),
    Benchmark(
        "campaign",
        _campaign("mask") + _campaign("predict"),
        options="--frames 1000 10000",
        large="--frames 1000 10000 100000",
        quick="--frames 100",
    ),
    Benchmark(
        "watch",
        (
            Claim(
                "`watch` at 9 frames a second: 99th percentile from complete to published [ms]",
                r"^9 a second  .* 99 % +(\d+)",
                at_most=250,
            ),
            Claim("... frames lost, in a burst and over a restart too", r"lost +(\d+)", at_most=0),
            Claim("... a burst of 1,000 [frames a second]", r"^burst.*: (\d+) frames a second"),
            Claim("... the highest rate it holds", r"^held: ([\d.]+)", is_optional=True),
        ),
        quick="--minutes 0.2 --burst 50 --rates",
    ),
    Benchmark(
        "million",
        (
            Claim(
                "10^6 frames in the window: opening again [s]", r"once indexed +([\d.]+)", at_most=1
            ),
            Claim("... a step [ms, median]", r"^a step .* ([\d.]+) ms median", at_most=20),
            Claim("... a step [ms, 99 %]", r"^a step .* 99 % ([\d.]+) ms", at_most=50),
            Claim("... open files", r"(\d+) open files", at_most=64),
        ),
        window=True,
        quick="--frames 1000 --steps 10",
    ),
    Benchmark(
        "opening",
        (Claim("a project of 10^5 frames: the first frame [s]", r"first frame after ([\d.]+) s"),),
        window=True,
        quick="--frames 1000",
    ),
    Benchmark(
        "playback",
        (Claim("playback: the window's thread [ms a frame]", r"thread: (\d+) ms", at_most=100),),
        window=True,
        quick="--seconds 1",
    ),
    Benchmark(
        "effort",
        (
            Claim("curation by runs of frames [keys a frame]", r"^\| 1 \| runs \| \d+ \| ([\d.]+)"),
            Claim("... frame by frame", r"^\| 1 \| frames \| \d+ \| ([\d.]+)"),
        ),
        options="--seeds 1",
        window=True,
        quick="--seeds 1 --frames 24",
    ),
    Benchmark(
        "gate",
        (
            Claim("gate, without a reference: pixels right [%]", r"^gate  .*%.*% +([\d.]+)%"),
            Claim("... the recipe alone", r"^recipe .*%.*% +([\d.]+)%"),
        ),
        quick="--frames 6",
    ),
    Benchmark(
        "reference",
        (
            Claim(
                "masks with a reference, nights of eight cameras: pixels right, the worst",
                r"^\| nights, camera.*\| reference \| ([\d.]+)",
                at_least=0.99,
            ),
        ),
    ),
    Benchmark(
        "models",
        (
            Claim(
                "the shipped models, nights of unknown cameras: pixels right, the worst",
                r"^\| .*nights.*\| model, reference +\| ([\d.]+)",
                at_least=0.99,
            ),
        ),
        options="--quick",
        quick="--quick --sets nights",
    ),
)
"""In the order in which they run and are listed."""
