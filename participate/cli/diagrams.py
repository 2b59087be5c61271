"""The journeys as the docs show them: diagrams and tables drawn from the workflows' own tables."""

from collections.abc import Mapping
from pathlib import Path

from participate.cases.clues.workflow import CLUE, FIND
from participate.cases.cohandlers.workflow import COHANDLING, NAME
from participate.cases.commitments.workflow import COMMITMENT, PROMISE
from participate.cases.parts.workflow import ENTRUST, PART
from participate.cases.rectifications.workflow import ISSUE, RECTIFICATION
from participate.cases.workflow import CASE, FILE, FOLLOWS
from participate.consultations.workflow import ADD, PLAN, ROUND, STATEMENT
from participate.kernel.workflow import Move, Workflow
from participate.submissions.unmasking.workflow import ASK, UNMASKING
from participate.submissions.workflow import SUBMISSION, SUBMIT
from participate.updates.broadcasts.workflow import ANNOUNCE, BROADCAST

README, JOURNEY = Path("README.md"), Path("docs/journey.md")
_LAST_STAGE = "feedback"
_COLUMNS = ("move", "from", "to", "who", "needs", "clock", "who hears of it", "why")
# A timeline's entry is shown to "desk", "author" or "public"; whoever may see it is what a reader wants to know.
_HEARERS = {"desk": "the desks", "author": "its author", "public": "its author; all may see it"}
_FEW = 3  # More arrows than these for one move make a diagram that nobody reads.
_NO_CAUSES: Mapping[str, str] = {}


def pages() -> dict[Path, dict[str, str]]:
    """What is drawn on which page of the docs, by the name of its markers."""
    causes = {followed: f"case {move}" for move, followed in FOLLOWS.items()}
    submission = diagram(SUBMISSION, SUBMIT, causes)
    return {
        README: {"journey": submission},
        JOURNEY: {
            "submission": submission + "\n" + table(SUBMISSION, SUBMIT),
            "case": diagram(CASE, FILE) + "\n" + table(CASE, FILE),
            "part": diagram(PART, ENTRUST) + "\n" + table(PART, ENTRUST),
            "cohandler": diagram(COHANDLING, NAME) + "\n" + table(COHANDLING, NAME),
            "commitment": diagram(COMMITMENT, PROMISE) + "\n" + table(COMMITMENT, PROMISE),
            "clue": diagram(CLUE, FIND) + "\n" + table(CLUE, FIND),
            "rectification": diagram(RECTIFICATION, ISSUE) + "\n" + table(RECTIFICATION, ISSUE),
            "unmasking": diagram(UNMASKING, ASK) + "\n" + table(UNMASKING, ASK),
            "statement": diagram(STATEMENT, ADD) + "\n" + table(STATEMENT, ADD),
            "round": diagram(ROUND, PLAN) + "\n" + table(ROUND, PLAN),
            "broadcast": diagram(BROADCAST, ANNOUNCE) + "\n" + table(BROADCAST, ANNOUNCE),
        },
    }


def diagram(workflow: Workflow, first: Move, causes: Mapping[str, str] = _NO_CAUSES) -> str:
    """A Mermaid state diagram; `causes` names what makes a move that nobody makes by hand.

    A move that many states have leaves from one box that names them all. One that leaves the state as it is stands
    in the table alone.
    """
    lines = ["stateDiagram-v2", *(_box(f"{state}<br/>{stage}", state) for state, stage in workflow.stages.items())]
    lines += [_arrow("[*]", workflow.initial, first.name), *_arrows(workflow, causes)]
    for move in filter(_crowded, workflow.moves):
        lines += [_box(",<br/>".join(_sources(workflow, move)), f"may_{move.name}")]
        lines += [_arrow(f"may_{move.name}", str(move.target), causes.get(move.name, move.name))]
    ends = [f"    {state} --> [*]" for state, stage in workflow.stages.items() if stage == _LAST_STAGE]
    return "\n".join(("```mermaid", *lines, *ends, "```", ""))


def _box(text: str, name: str) -> str:
    return f'    state "{text}" as {name}'


def _arrow(source: str, target: str, label: str) -> str:
    return f"    {source} --> {target}: {label}"


def _crowded(move: Move) -> bool:
    return move.target is not None and len(move.sources) > _FEW


def _arrows(workflow: Workflow, causes: Mapping[str, str]) -> list[str]:
    """One arrow for each pair of states, labelled with all moves that lead that way.

    In the states' order, since the drawing programs lay the first way that they meet from top to bottom.
    """
    labels: dict[tuple[int, int], list[str]] = {}
    states = workflow.states
    for move in workflow.moves:
        if move.target is not None and not _crowded(move):
            for source in move.sources:
                way = states.index(source), states.index(move.target)
                labels.setdefault(way, []).append(causes.get(move.name, move.name))
    return [_arrow(states[a], states[b], ", ".join(labels[a, b])) for a, b in sorted(labels)]


def _sources(workflow: Workflow, move: Move) -> list[str]:
    return [state for state in workflow.states if state in move.sources]


def table(workflow: Workflow, first: Move) -> str:
    """A Markdown table with a line for each move."""
    rows = [_COLUMNS, ("---",) * len(_COLUMNS), *(_row(workflow, move) for move in (first, *workflow.moves))]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(workflow: Workflow, move: Move) -> tuple[str, ...]:
    clock = [
        f"{verb} {', '.join(duties)}" for verb, duties in (("stops", move.stops), ("starts", move.starts)) if duties
    ]
    return (
        f"`{move.name}`",
        ", ".join(_sources(workflow, move)) or "nothing",
        move.target or "the same",
        ", ".join(sorted(move.roles)),
        ", ".join(move.needs),
        "; ".join(clock),
        _HEARERS[move.shown_to],
        move.why,
    )


def redrawn(text: str, name: str, drawing: str) -> str:
    """`text` with `drawing` between the markers `name`. Raises ValueError where the markers are missing."""
    begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
    head, begun, rest = text.partition(begin)
    _, ended, tail = rest.partition(end)
    if not begun or not ended:
        raise ValueError(f"no markers {name}:begin and {name}:end")
    return "".join((head, begin, drawing, end, tail))


def stale(root: Path) -> dict[Path, str]:
    """The pages below `root` that differ from the tables, each with what it should hold."""
    found = {}
    for page, drawings in pages().items():
        held = wanted = (root / page).read_text(encoding="utf-8")
        for name, drawing in drawings.items():
            wanted = redrawn(wanted, name, drawing)
        if wanted != held:
            found[root / page] = wanted
    return found
