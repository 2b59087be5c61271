"""The names of what can be followed, and under which of them a public step is told."""

from collections.abc import Iterator

from participate.kernel.db import AnyRow
from participate.places import codes

SUBMISSION, CATEGORY, CELL = WHAT = ("submission", "category", "cell")
# A new one; and its end, each time that it comes to one. Other steps are for those who follow the submission itself.
_OPENS = {("submission", "accept"), ("submission", "vouch")}
_CLOSES = {("submission", "rate"), ("submission", "lapse"), ("submission", "close"), ("case", "uphold")}
_CLOSES |= {("case", "let_stand")}
_CLOSES |= {("submission", "shelve")}
_OPENED, _CLOSED, _CLOSED_NEAR = "step.follow.opened", "step.follow.closed", "step.follow.closed_near"
# Where the step's own words, and those for what comes next, ask its author to rate it.
OTHERWISE = {("case", "verify"): "step.follow.verified", ("case", "publish"): "step.follow.published"}


def of_submission(submission_id: str) -> str:
    """Every public step of one submission."""
    return f"{SUBMISSION}:{submission_id}"


def of_category(category: str, area: str) -> str:
    """What comes and what ends of a category in an area."""
    return f"{CATEGORY}:{category}:{area}"


def of_cell(cell: str) -> str:
    """What ends in a cell."""
    return f"{CELL}:{cell}"


def of_step(step: AnyRow, brief: AnyRow) -> Iterator[tuple[str, str]]:
    """The keys under which a public step of a submission is told, the nearest first, each with its words."""
    made = step.subject_type, step.move
    yield of_submission(brief.id), OTHERWISE.get(made, f"step.{step.subject_type}.{step.move}")
    if made in _OPENS | _CLOSES and brief.category and brief.area:
        around = (*codes.areas_above(brief.area), *(() if codes.is_cell(brief.area) else (brief.area,)))
        yield from ((of_category(brief.category, area), _OPENED if made in _OPENS else _CLOSED) for area in around)
    if made in _CLOSES and brief.cell:
        yield of_cell(brief.cell), _CLOSED_NEAR
