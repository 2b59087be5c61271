"""What was measured, what it is held against, and what must never be."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.storm.load import FAILED, UNSENT, Heard

FINE = {200, 201, 202, 204, 304}


@dataclass(frozen=True)
class Figure:
    """A number, and between what it should be; timing is held against it only where nobody else is on the machine."""

    name: str
    value: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def is_missed(self) -> bool:
        """Whether it is outside."""
        return (self.at_least is not None and self.value < self.at_least) or (
            self.at_most is not None and self.value > self.at_most
        )

    def line(self) -> str:
        """As the table has it."""
        goal = f"≥ {self.at_least:g}" if self.at_least is not None else ""
        goal = f"≤ {self.at_most:g}" if self.at_most is not None else goal
        return f"| {self.name:<48} | {self.value:>9.2f} | {goal:>8} | {'missed' if self.is_missed else '':<6} |"


def table(figures: Iterable[Figure]) -> str:
    """Markdown."""
    head = f"| {'what':<48} | {'measured':>9} | {'goal':>8} | {'':<6} |\n|{'-' * 50}|{'-' * 11}|{'-' * 10}|{'-' * 8}|"
    return "\n".join([head, *(figure.line() for figure in figures)])


def percentile(seconds: Sequence[float], part: float) -> float:
    """The value below which `part` of a hundred lie; 0 where there are none."""
    found = sorted(seconds)
    return found[min(len(found) - 1, int(len(found) * part / 100))] if found else 0.0


def failures(runs: Iterable[Heard]) -> list[str]:
    """Answers that are neither served nor refused with when to come again, counted."""
    found = Counter[str]()
    for sample in (sample for heard in runs for sample in heard.samples):
        if sample.status == FAILED:
            found[f"{sample.flow}: no answer"] += 1
        elif sample.status not in FINE and sample.status not in {429, 503, UNSENT}:
            found[f"{sample.flow}: {sample.status}"] += 1
        elif sample.status in {429, 503} and not sample.has_retry_after:
            found[f"{sample.flow}: {sample.status} without Retry-After"] += 1
    return [f"{what} ({times} times)" for what, times in sorted(found.items())]
