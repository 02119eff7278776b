"""The runner of all benchmarks: it reads figures, goes on after a stop, and names what failed."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "benchmarks"

PRINTED = {
    "masks": """
times as fast, median of 2: 6.9 2.0 3.1
times less CPU time, median of 2: 4.5 1.3 2.2
identical output of --no-gate: 2000 of 2000
""",
    "predict": """
napari-iris predict: 7.18 times the plain loop (7.18 against its best run)
napari-iris predict, CPU time: 6.15 times less
... --precision int8: 5.83 times the plain loop (5.83 against its best run)
... --precision int8, CPU time: 7.12 times less
... unet-lwir, its classifier and reference: 12.33 times the plain loop (12.33 against its best run)
... unet-lwir, its classifier and reference, CPU time: 9.90 times less
napari-iris predict: at most 2.0e-05 apart in probability, 100.00% of pixels agree at 0.5
... --precision int8: at most 4.3e-05 apart in probability, 100.00% of pixels agree at 0.5
""",
    "campaign": """
mask        1000 frames:   4.96 ms of CPU each,    30.5 s; at most   445 MiB, 45 open files
mask       10000 frames:   4.10 ms of CPU each,   300.5 s; at most   447 MiB, 45 open files
mask        1000 frames:   5.02 ms of CPU each,    30.1 s; at most   445 MiB, 44 open files
mask: a frame of 10000 costs -18.0% of one of 1000; memory +2 MiB; at most 45 open files
predict     1000 frames:  12.11 ms of CPU each,    64.4 s; at most   304 MiB, 9 open files
predict: a frame of 1000 costs +0.3% of one of 1000; memory -1 MiB; at most 9 open files
""",
    "watch": """
9 a second                 540 frames  median   671 ms  90 %   889  99 %   990  most   1067  lost 0
burst of 1000: 112 frames a second, lost 0
killed and restarted in the midst: lost 3, twice in the table 0
held: 18 frames a second, the highest of [9.0, 18.0, 27.0]
""",
}
FIGURES = {
    "masks": [6.9, 4.5, 3.1, 2.2],
    "predict": [7.18, 5.83, 12.33, 9.9],
    "campaign": [4.96, 4.1, None, -18, 45, 2, 12.11, None, None, 0.3, 9, -1],
    "watch": [990, 3, 112, 18],
}


@pytest.fixture(scope="module")
def modules() -> Iterator[tuple[ModuleType, ModuleType]]:
    """Give the runner's two modules: it and the claims."""
    sys.path.insert(0, str(BENCHMARKS))
    import all as runner
    import claims

    yield runner, claims
    sys.path.remove(str(BENCHMARKS))
    for name in ("all", "claims", "page"):
        del sys.modules[name]


@pytest.mark.parametrize("name", PRINTED)
def test_figures_are_those_that_a_benchmark_prints_and_the_worst_counts(
    modules: tuple[Any, Any], name: str
) -> None:
    (one,) = (one for one in modules[1].BENCHMARKS if one.script == name)
    assert [figure for _, figure in one.figures(PRINTED[name])] == FIGURES[name]


@pytest.mark.parametrize(
    ("goal", "figure", "words", "verdict"),
    [
        ({}, 3, "", ""),
        ({"at_least": 4}, 4, "at least 4", "reached"),
        ({"at_least": 4}, 3.9, "at least 4", "missed"),
        ({"at_most": 64}, 64, "at most 64", "reached"),
        ({"at_most": 64}, 65, "at most 64", "missed"),
    ],
)
def test_a_goal_is_reached_or_missed(
    modules: tuple[Any, Any], goal: dict[str, float], figure: float, words: str, verdict: str
) -> None:
    claim = modules[1].Claim("speed", "(.)", **goal)
    assert (claim.goal, claim.verdict(figure)) == (words, verdict)


def test_every_benchmark_exists_and_takes_its_options(modules: tuple[Any, Any]) -> None:
    names = [one.script for one in modules[1].BENCHMARKS]
    assert len(set(names)) == len(names)
    for one in modules[1].BENCHMARKS:
        text = (BENCHMARKS / f"{one.script}.py").read_text(encoding="utf-8")
        for size in ("options", "quick", "large"):
            options = [word for word in shlex.split(one.command(size)) if word.startswith("--")]
            assert all(f'"{option}"' in text for option in options), one.command(size)


@pytest.fixture
def run(modules: tuple[Any, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give a function that runs two benchmarks of our own, as by the command line."""
    runner, claims = modules
    speed = claims.Claim("speed [times]", r"([\d.]+) times", at_least=2)
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    monkeypatch.setattr(
        runner, "BENCHMARKS", tuple(claims.Benchmark(name, (speed,)) for name in ("good", "bad"))
    )
    (tmp_path / "benchmarks").mkdir()
    page = tmp_path / "page.md"
    page.write_text("Speed\n\n<!-- table -->\n<!-- end of the table -->\n\nThe end\n")

    def main(**scripts: str) -> tuple[int, str]:
        for name, text in scripts.items():
            (tmp_path / "benchmarks" / f"{name}.py").write_text(text)
        line = ["all.py", "--out", str(tmp_path / "out"), "--docs", str(page)]
        monkeypatch.setattr(sys, "argv", line)
        with pytest.raises(SystemExit) as ended:
            runner.main()
        return int(str(ended.value.code)), page.read_text()

    return main


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("raise SystemExit(3)", "bad: exit code 3, see "),
        ("print('as fast as ever')", "bad.log lacks speed [times]"),
    ],
)
def test_a_failed_benchmark_is_named_and_tried_again_while_the_others_are_kept(
    run: Any, capsys: pytest.CaptureFixture[str], script: str, why: str
) -> None:
    code, page = run(good="print('3.5 times')", bad=script)
    assert code == 1
    assert why in capsys.readouterr().err
    assert page.startswith("Speed\n")
    assert page.endswith("The end\n")
    assert "| speed [times] | 3.5 | at least 2 | reached | `python benchmarks/good.py` |" in page
    assert "bad.py" not in page

    code, page = run(good="raise SystemExit('it ran twice')", bad="print('1.5 times')")
    assert code == 0
    assert "3.5" in page
    assert "| speed [times] | 1.5 | at least 2 | missed | `python benchmarks/bad.py` |" in page


def test_another_version_or_machine_runs_all_again(
    run: Any, modules: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(good="print('3.5 times')", bad="print('1.5 times')")
    known = modules[0].machine()
    monkeypatch.setattr(modules[0], "machine", lambda: known | {"cores": 99})
    _, page = run(good="print('4.5 times')", bad="print('1.5 times')")
    assert "99 cores" in page
    assert "4.5" in page
