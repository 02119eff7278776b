"""Limits, signals, disks, faults of the system and what happens beside a run."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.drill.process import Plan

if TYPE_CHECKING:
    from random import Random

    from tests.drill.commands import Leaf

SHIM = Path(__file__).with_name("faults.c")
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL)
CALLS = ("read", "write", "open", "sync", "rename", "mkdir")
CAPABILITIES = (1, 2, 3, 5)
"""CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_KILL: with them, root may do all."""


def without_rights() -> None:
    """Give up what lets root read and write everything; these processes keep the user's number."""
    if os.geteuid():
        return
    libc = ctypes.CDLL(None)
    for one in CAPABILITIES:
        libc.prctl(24, one, 0, 0, 0)  # PR_CAPBSET_DROP: those that it starts lack it, too
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    sets = (ctypes.c_uint32 * 6)()
    libc.capget(header, sets)
    for place in range(3):
        sets[place] &= ~sum(1 << one for one in CAPABILITIES)
    libc.capset(header, sets)


LIMITS = {
    "files": ("-n", (5, 8, 10, 12, 16, 24, 40)),
    "memory": ("-v", (60_000, 120_000, 250_000, 400_000, 700_000, 1_200_000, 2_500_000)),
    "file size": ("-f", (0, 1, 8, 60, 200)),
    "CPU time": ("-t", (1, 2, 3)),
    "stack": ("-s", (256, 1024)),
}
"""Limits by their option of ``ulimit``, in its units."""


def limited(kind: str, ground: Path, leaf: Leaf, rng: Random) -> Plan:
    """A run under a limit of the system."""
    which, values = LIMITS[kind]
    limit = f"ulimit -S {which} {rng.choice(values)}"
    plan = Plan(leaf.words(), own_process=True, shell=limit)
    if kind == "file size":
        plan.environment["err"] = "limited"  # it is a file
    return plan


def without_streams(ground: Path, leaf: Leaf, rng: Random) -> Plan:
    """A run without some of its standard streams."""
    closed = rng.choice([(0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)])
    plan = Plan(leaf.words(), limits=[partial(os.close, one) for one in closed], own_process=True)
    if 2 in closed:
        plan.environment["err"] = "closed"
    return plan


def full_streams(ground: Path, leaf: Leaf, rng: Random) -> Plan:
    """A run whose output goes to a full disk, or to a pipe without a reader."""
    number = rng.choice((1, 2))

    def fill() -> None:
        read, end = os.pipe()
        os.close(read)
        if rng.random() < 0.5:
            end = os.open("/dev/full", os.O_WRONLY)
        os.dup2(end, number)

    return Plan(leaf.words(), limits=[fill], own_process=True, environment={"err": "full"})


def surroundings(ground: Path, leaf: Leaf, rng: Random) -> Plan:
    """A run in an odd environment."""
    (ground / "tmp").touch()
    plan = Plan(leaf.words(), own_process=True)
    odd = rng.choice(("cache", "home", "language", "temporary", "here", "columns"))
    if odd == "here":
        first, *rest = plan.words
        plan.words = [
            first,
            *(str(ground / one) if (ground / one).exists() else one for one in rest),
        ]
        (ground / "tmp").unlink()
        (ground / "tmp").mkdir()
        plan.limits = [partial(os.chdir, ground / "tmp"), (ground / "tmp").rmdir]
        plan.named = ("folder", "directory")
    plan.environment = {
        "cache": {"XDG_CACHE_HOME": str(ground / "tmp" / "cache")},
        "home": {"HOME": str(ground / "tmp"), "XDG_CACHE_HOME": ""},
        "language": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        "temporary": {"TMPDIR": str(ground / "none")},
        "columns": {"COLUMNS": "1", "LINES": "-1"},
        "here": {},
    }[odd]
    return plan


def killed(number: int, ground: Path, leaf: Leaf, rng: Random) -> Plan:
    """A run that a signal ends at a random time."""
    delay = rng.uniform(0, 1.1 * leaf.cost_s)
    return Plan(leaf.words(), signal=number, delay_s=delay, again=True)


def on_small_disk(ground: Path, leaf: Leaf, rng: Random) -> Plan:
    """A run whose output is on a disk that fills."""
    place = ground / "out"
    place.mkdir(exist_ok=True)
    size = rng.choice((4, 16, 40, 100, 300))
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(place)]
    subprocess.run(words, check=True)
    return Plan(leaf.words(), after=lambda: subprocess.run(["umount", "-l", place], check=True))


@cache
def can_mount() -> bool:
    """Whether this process may mount a disk."""
    if os.geteuid() or not shutil.which("mount") or not Path("/proc/mounts").exists():
        return False
    here = Path(__file__).parent
    words = ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", str(here)]
    return bool(shutil.which("unshare")) and not subprocess.call(words, stderr=-3)


def read_only(ground: Path, leaf: Leaf, rng: Random) -> Plan:
    """A run that may not write, or not read, one of its folders."""
    (ground / "out").mkdir(exist_ok=True)
    places = [one for one in ground.rglob("*") if one.is_dir() and "cache" not in one.parts]
    place, mode = rng.choice(places), rng.choice((0, 0o400, 0o500, 0o555))
    place.chmod(mode)
    return Plan(leaf.words(), limits=[without_rights], after=lambda: place.chmod(0o755))


def changing(ground: Path, leaf: Leaf, rng: Random) -> Plan:
    """A run while its files vanish or change."""
    files = [path for path in ground.rglob("*") if "_kept" not in path.name]
    chosen = rng.choice([*files, *(ground / slot.given for slot in leaf.inputs)])

    def act() -> None:
        how = rng.choice(("remove", "cut", "replace", "pipe", "clear"))
        if chosen.is_dir():
            shutil.rmtree(chosen, ignore_errors=True)
        elif chosen.exists():
            if how == "cut":
                os.truncate(chosen, chosen.stat().st_size // 3)
                return
            chosen.unlink()
            if how == "replace":
                chosen.write_bytes(rng.randbytes(5000))
            elif how == "pipe":
                os.mkfifo(chosen)

    touched = str(chosen.relative_to(ground))
    delay = rng.uniform(0, leaf.cost_s)
    return Plan(leaf.words(), delay_s=delay, meanwhile=act, touched=touched)


@cache
def shim(folder: Path) -> Path | None:
    """Compile the library that has system calls fail; None where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    made = folder / "faults.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", made, SHIM, "-ldl"], check=True)
    return made


def failing(call: str, ground: Path, leaf: Leaf, rng: Random, library: Path) -> Plan:
    """A run in which one or all of the later calls of a kind fail, on files of the ground."""
    plan = Plan(leaf.words(), own_process=True)
    plan.environment = {
        "LD_PRELOAD": str(library),
        "DRILL_CALL": call,
        "DRILL_FROM": str(rng.choice((1, 1, 2, 3, 5, 8, 13, 30))),
        "DRILL_TIMES": str(rng.choice((1, 1, 1_000_000))),
        "DRILL_ERROR": str(rng.choice((5, 28) if call in ("write", "sync") else (5, 13, 24))),
        "DRILL_UNDER": str(ground),
    }
    return plan
