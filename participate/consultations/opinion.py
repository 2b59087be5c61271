"""Groups of opinion, as Polis finds them, from a table of votes; only the worker loads it, for it brings arrays.

The method is that of Small, Bjorkegren, Erkkilä, Shaw and Megill, "Polis: Scaling deliberation by mapping high
dimensional opinion spaces" (2021), with the numbers of the published implementation: who counts, how missing votes
are filled, how far positions are stretched, when a number of groups is taken, and which tests a statement passes.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

ENOUGH_VOTES = 7  # From so many votes on a participant has a position; where there are fewer statements, from all.
FEWEST, MOST = 2, 5  # groups
Z_90 = 1.2815515655446004  # The 90 % quantile of the normal distribution: a test of one side.
STEADY = 4  # So often in a row another number of groups must be the best before it is taken.
REPRESENTATIVE = 5  # statements of a group that are named at most
_TRIES, _ROUNDS, _CHUNK = 10, 100, 512


@dataclass(frozen=True)
class Memory:
    """What one computation leaves to the next: the number of groups that holds, the last best one, and how often."""

    groups: int = 0
    last: int = 0
    times: int = 0

    def after(self, best: int) -> "Memory":
        """The memory once `best` has been the best number of groups."""
        times = self.times + 1 if best == self.last else 1
        groups = best if self.groups == 0 or times >= STEADY else self.groups
        return Memory(groups, best, times)


@dataclass(frozen=True)
class Picture:
    """What votes show. Rows are those who count, in their order; columns are the statements.

    `positions` has two columns; `group` numbers the groups from 0, the largest first; `extremity` says how far each
    statement pulls people apart.
    """

    counted: NDArray[np.bool_]
    positions: Floats
    group: Labels
    extremity: Floats
    memory: Memory
    silhouettes: dict[int, float] = field(default_factory=dict)


def picture(votes: Floats, seed: int, memory: Memory | None = None) -> Picture:
    """The picture of `votes` (participants × statements; 1 agree, −1 disagree, 0 pass, NaN none).

    The same votes, seed and memory give the same picture.
    """
    memory = memory or Memory()
    given = ~np.isnan(votes)
    counted = given.sum(axis=1) >= min(ENOUGH_VOTES, max(1, votes.shape[1]))
    known, there = votes[counted], given[counted]
    centred, axes = _principal(known, there)
    stretch = np.sqrt(votes.shape[1] / np.maximum(there.sum(axis=1), 1))
    positions = (centred @ axes) * stretch[:, np.newaxis]
    extremity = np.sqrt((axes**2).sum(axis=1)) * np.sqrt(votes.shape[1])
    group, memory, silhouettes = _groups(positions, seed, memory)
    return Picture(counted, positions, group, extremity, memory, silhouettes)


def _principal(known: Floats, there: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The votes about each statement's mean, which also stands for those that are missing; and their two main axes.

    Each axis points to where its longest part is positive, so that a picture is not mirrored by chance.
    """
    counts = np.maximum(there.sum(axis=0), 1)
    means = np.where(there, known, 0.0).sum(axis=0) / counts
    centred = np.where(there, known - means, 0.0)
    width = centred.shape[1]
    if not width:
        return centred, np.zeros((0, 2))
    _, vectors = np.linalg.eigh(centred.T @ centred)
    axes = np.zeros((width, 2))
    found = vectors[:, ::-1][:, :2]
    axes[:, : found.shape[1]] = found
    longest = axes[np.abs(axes).argmax(axis=0), np.arange(2)]
    return centred, axes * np.where(longest < 0, -1.0, 1.0)


def _groups(positions: Floats, seed: int, memory: Memory) -> tuple[Labels, Memory, dict[int, float]]:
    """A group for each position: as many groups as keep apart best, or as held before while that is not steady."""
    distinct = len(np.unique(positions.round(9), axis=0))
    able = range(FEWEST, min(MOST, distinct, len(positions) - 1) + 1)
    if not able:
        return np.zeros(len(positions), np.int64), memory, {}
    divided = {many: _means(positions, many, np.random.default_rng([seed, many])) for many in able}
    apart = _silhouettes(positions, divided)
    memory = memory.after(max(able, key=lambda many: (apart[many], -many)))
    chosen = divided.get(memory.groups)
    if chosen is None:  # Held before, and there are too few people now.
        chosen = divided[max(able)]
    return _largest_first(chosen), memory, apart


def _means(positions: Floats, many: int, chance: np.random.Generator) -> Labels:
    """k-means (Lloyd), the best of some tries that begin as k-means++ says (Arthur and Vassilvitskii, 2007)."""
    best, least = np.zeros(len(positions), np.int64), np.inf
    for _ in range(_TRIES):
        centres = _scattered(positions, many, chance)
        for _ in range(_ROUNDS):
            label = _square(positions, centres).argmin(axis=1)
            moved = np.array(
                [positions[label == n].mean(axis=0) if (label == n).any() else centres[n] for n in range(many)]
            )
            if np.array_equal(moved, centres):
                break
            centres = moved
        spread = float(_square(positions, centres).min(axis=1).sum())
        if spread < least - 1e-12:
            best, least = label, spread
    return best


def _scattered(positions: Floats, many: int, chance: np.random.Generator) -> Floats:
    centres = positions[[chance.integers(len(positions))]]
    while len(centres) < many:
        far = _square(positions, centres).min(axis=1)
        centres = np.vstack([centres, positions[chance.choice(len(positions), p=far / far.sum())]])
    return centres


def _square(positions: Floats, centres: Floats) -> Floats:
    apart: Floats = ((positions[:, np.newaxis, :] - centres[np.newaxis, :, :]) ** 2).sum(axis=2)
    return apart


def _silhouettes(positions: Floats, divided: dict[int, Labels]) -> dict[int, float]:
    """The mean silhouette (Rousseeuw, 1987) of each division; all are read off the same distances."""
    sums = dict.fromkeys(divided, 0.0)
    member = {many: np.eye(many)[label] for many, label in divided.items()}
    for start in range(0, len(positions), _CHUNK):
        part = slice(start, start + _CHUNK)
        distance = np.sqrt(_square(positions[part], positions))
        for many, label in divided.items():
            sums[many] += _apart(distance @ member[many], label[part], member[many].sum(axis=0))
    return {many: total / len(positions) for many, total in sums.items()}


def _apart(summed: Floats, label: Labels, sizes: Floats) -> float:
    own = np.arange(len(label)), label
    within = summed[own] / np.maximum(sizes[label] - 1, 1)
    others = summed / np.maximum(sizes, 1)
    others[:, sizes == 0] = np.inf
    others[own] = np.inf
    nearest = others.min(axis=1)
    value = np.where(sizes[label] > 1, (nearest - within) / np.maximum(np.maximum(nearest, within), 1e-12), 0.0)
    return float(value.sum())


def _largest_first(label: Labels) -> Labels:
    names, sizes = np.unique(label, return_counts=True)
    rank = {name: place for place, name in enumerate(names[np.argsort(-sizes, kind="stable")])}
    return np.array([rank[name] for name in label], np.int64)


@dataclass(frozen=True)
class Tally:
    """Votes counted by group (rows) and statement (columns)."""

    agrees: Floats
    disagrees: Floats
    seen: Floats


def tally(votes: Floats, drawn: Picture) -> Tally:
    """How each group has voted on each statement."""
    known, many = votes[drawn.counted], int(drawn.group.max(initial=-1)) + 1
    member = np.eye(max(many, 1))[drawn.group].T
    return Tally(member @ (known == 1), member @ (known == -1), member @ ~np.isnan(known))


def consensus(counts: Tally) -> tuple[Floats, Floats]:
    """Group-informed consensus of each statement, for agreeing and for disagreeing: the product of the groups' shares.

    With one vote each way added, as elsewhere, so that a group that has not voted counts a half.
    """
    shares = (counts.agrees + 1) / (counts.seen + 2), (counts.disagrees + 1) / (counts.seen + 2)
    return shares[0].prod(axis=0), shares[1].prod(axis=0)


def representative(counts: Tally) -> list[list[dict[str, Any]]]:
    """For each group the statements that it stands for, at most REPRESENTATIVE, the most telling first.

    Each passes two tests of proportions at 90 %: that the group is for it (or against it) at all, and more so than all
    others. They are ordered by how much more, how sure that is, how large the share is, and how sure that is; where
    a group agrees to anything in this way, the first of that is among them, and what is agreed to stands first.
    """
    found = []
    for group in range(len(counts.seen)):
        rest = np.arange(len(counts.seen)) != group
        each = list[dict[str, Any]]()
        for side, given in (("agree", counts.agrees), ("disagree", counts.disagrees)):
            share, sure = _share(given[group], counts.seen[group])
            more, surely = _more(
                given[group], counts.seen[group], given[rest].sum(axis=0), counts.seen[rest].sum(axis=0)
            )
            telling = more * surely * share * sure
            passed = np.flatnonzero((sure > Z_90) & (surely > Z_90))
            each += [
                {
                    "statement": int(n),
                    "side": side,
                    "share": float(share[n]),
                    "more": float(more[n]),
                    "by": float(telling[n]),
                }
                for n in passed
            ]
        each.sort(key=lambda one: (-one["by"], one["statement"]))
        first = [one for one in each if one["side"] == "agree"][:1]
        rest_of_them = [one for one in each if one not in first][: REPRESENTATIVE - len(first)]
        found.append(sorted(first + rest_of_them, key=lambda one: (one["side"], -one["by"])))
    return found


def _share(given: Floats, seen: Floats) -> tuple[Floats, Floats]:
    """The share, one vote each way added; and by how many standard deviations it lies over a half."""
    return (given + 1) / (seen + 2), 2 * np.sqrt(seen + 1) * ((given + 1) / (seen + 1) - 0.5)


def _more(given: Floats, seen: Floats, others: Floats, by_others: Floats) -> tuple[Floats, Floats]:
    """How many times the others' share it is, and by how many standard deviations it is more (two proportions)."""
    times = ((given + 1) / (seen + 2)) / ((others + 1) / (by_others + 2))
    one, other = given + 1, others + 1
    both, and_both = seen + 1, by_others + 1
    pooled = (one + other) / (both + and_both)
    spread = np.sqrt(np.maximum(pooled * (1 - pooled), 0) * (1 / both + 1 / and_both))
    apart = one / both - other / and_both
    return times, np.where(spread > 0, apart / np.where(spread > 0, spread, 1), 0.0)
