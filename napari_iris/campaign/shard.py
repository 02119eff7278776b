"""Shards: parts of the frames of a campaign, whose workers need not know of each other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from napari_iris.errors import IrisError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

MOST = 10**6
"""Shards of a campaign at most: a scheduler chokes above."""


@dataclass(frozen=True, order=True)
class Shard:
    """One of the shards of a campaign.

    Attributes
    ----------
    number : int
        From 1 to `count`.
    count : int
        Number of shards.

    Examples
    --------
    >>> str(Shard.parse("2/16")), Shard(2, 16).label
    ('2/16', '2-of-16')
    """

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse ``I/N``.

        Raises
        ------
        IrisError
            If it is not of that form, or I is not from 1 to N.
        """
        found = re.fullmatch(r"0*(\d{1,7})/0*(\d{1,7})", text, re.ASCII)
        number, count = map(int, found.groups()) if found else (0, 0)
        if not 1 <= number <= count <= MOST:
            raise IrisError(f"--shard: expected I/N, with I from 1 to N, such as 2/16; got {text}")
        return cls(number, count)

    @property
    def label(self) -> str:
        """How it is named in the names of files."""
        return f"{self.number}-of-{self.count}"

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def holds(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Say which frames are in it, by the hashes of their paths."""
        inside: NDArray[np.bool_] = keys % self.count == self.number - 1
        return inside


def shard_of_job(environment: Mapping[str, str]) -> Shard:
    """Give the shard of a task in a job array of SLURM.

    Parameters
    ----------
    environment : mapping of str to str
        Environment of the process, with the variables that SLURM sets
        (https://slurm.schedmd.com/job_array.html).

    Returns
    -------
    Shard
        The place of the task in the array, of the number of tasks; the array may begin at any
        index, and have steps.

    Raises
    ------
    IrisError
        If the process is not a task of a job array.
    """
    names = ("ID", "COUNT", "MIN", "STEP")
    given = [environment.get(f"SLURM_ARRAY_TASK_{name}", "") for name in names]
    if not (given[0] and given[1]):
        raise IrisError("--shard: this is not a SLURM job array; give I/N, such as --shard 2/16")
    try:
        task, count, first, step = (int(one or "1") for one in given)
        return Shard.parse(f"{(task - first) // max(step, 1) + 1}/{count}")
    except (ValueError, IrisError) as error:
        reason = "--shard: SLURM's array variables do not define a shard (SLURM_ARRAY_TASK_ID="
        raise IrisError(f"{reason}{given[0]}, _COUNT={given[1]}); give I/N") from error
