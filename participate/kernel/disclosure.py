"""What figures may say without telling of single persons: no group of fewer than five, nor what would give it away."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from statistics import quantiles
from typing import TypeVar

LEAST = 5  # so many, or nothing is said of them
K = TypeVar("K", bound=Hashable)
R = TypeVar("R", bound=Hashable)
C = TypeVar("C", bound=Hashable)


def is_few(count: int) -> bool:
    """Whether so few that nothing is said of them; of none at all, that may be said."""
    return 0 < count < LEAST


def hidden(counts: Mapping[K, int], also: Collection[K] = ()) -> set[K]:
    """The groups whose counts are not said, where the sum of all is: `also`, those of a few, and the next smallest.

    What is left out is the sum less what is said. So it must be of two groups at least, and not itself of a few.
    """
    out = {group for group, count in counts.items() if group in also or is_few(count)}
    rest = sorted((group for group in counts if group not in out), key=lambda group: (counts[group], str(group)))
    while out and rest and (len(out) < 2 or sum(counts[group] for group in out) < LEAST):
        out.add(rest.pop(0))
    return out


def hidden_cells(cells: Mapping[tuple[R, C], int], also: Collection[tuple[R, C]] = ()) -> set[tuple[R, C]]:
    """The cells of a table that are not said, where the sums of its rows and columns are known."""
    out = set(also)
    lines = [[cell for cell in cells if cell[side] == name] for side in (0, 1) for name in {c[side] for c in cells}]
    before = -1
    while len(out) > before:
        before = len(out)
        for line in lines:
            out |= hidden({cell: cells[cell] for cell in line}, out)
    return out


def said(counts: Mapping[K, int], out: Collection[K] | None = None) -> dict[K, int | None]:
    """The counts with None for those that are not said: `out`, or else what `hidden` finds."""
    silent = hidden(counts) if out is None else out
    return {group: None if group in silent else count for group, count in counts.items()}


def spread(values: Sequence[float]) -> dict[str, float] | None:
    """Median and quartiles (by linear interpolation between ranks), to a tenth; None for a few values."""
    if len(values) < LEAST:
        return None
    q1, median, q3 = (round(quartile, 1) for quartile in quantiles(values, n=4, method="inclusive"))
    return {"median": median, "q1": q1, "q3": q3}


def share(part: int, of: int) -> float | None:
    """`part` as a share of `of`, from 0 to 1; None of a few."""
    return round(part / of, 4) if of >= LEAST else None
