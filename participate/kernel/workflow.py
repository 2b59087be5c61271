"""The one engine behind every journey: a workflow is a table of moves, and `apply` is the only way to make one."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import Index, String, insert
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel import deadlines, outbox
from participate.kernel.clock import now
from participate.kernel.db import Base, Id, Json, Model, UtcTime, add, db, table
from participate.kernel.errors import Conflict, Fault, Forbidden, Invalid, Missing, Stale
from participate.kernel.ids import new_id

SYSTEM = "system"
# What a person sends for a need, where the field has another name.
_FIELDS = {"photo": "photo_ids", "target": "merge_into"}
R = TypeVar("R", bound=Base)


class Subject(Protocol):
    """A row that walks a workflow."""

    id: Any
    state: Any
    version: Any

    @property
    def thread_id(self) -> str:
        """The submission whose story the row's steps belong to."""


Guard = Callable[[Any, "Actor"], str | None]


def among(*names: str) -> frozenset[str]:
    """States that a move leaves, or roles that may make it."""
    return frozenset(names)


@dataclass(frozen=True)
class Move:
    """One line of a workflow's table.

    `target` None leaves the state as it is. `needs` names what must come with the move. `guard` looks at the
    stored row and the actor and names what forbids the move. `shown_to` says who sees that it happened ("desk",
    "author" or "public", each including those before it) and so whether the author is told; `note_to` says the
    same of its note. `starts` and `stops` name duties with a deadline. `through` names the desk that offers it. `says`
    names what of the step's data its words speak of, which everyone may know who hears of the step.
    """

    name: str
    sources: frozenset[str]
    target: str | None
    roles: frozenset[str]
    fact: str
    why: str
    needs: tuple[str, ...] = ()
    guard: Guard | None = None
    shown_to: str = "public"
    note_to: str = "desk"
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    through: str = ""
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workflow:
    """The states of a thing, each with its stage, and the moves between them."""

    name: str
    initial: str
    stages: dict[str, str]
    moves: tuple[Move, ...]
    by_name: dict[str, Move] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {move.name: move for move in self.moves})

    @property
    def states(self) -> tuple[str, ...]:
        """All states, in the table's order."""
        return tuple(self.stages)

    def offered(self, row: Any, actor: "Actor", through: str = "") -> list[str]:
        """The moves that `actor` may make on `row` now, at the desk `through`."""
        return [m.name for m in self.moves if m.through == through and refusal(m, row, actor) is None]

    def fact(self, move: Move) -> str:
        """The name under which the outbox records `move`."""
        return f"{self.name}.{move.fact}"


@dataclass(frozen=True)
class Actor:
    """Who moves: an account (None for the system) and the roles it holds towards the row at hand.

    `stands_for` are those who are away and whose deputy it is; `lent` says which of the roles it has from one of them
    alone, and from whom.
    """

    account_id: str | None
    roles: frozenset[str]
    stands_for: tuple[str, ...] = ()
    lent: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def persons(self) -> frozenset[str | None]:
        """Itself, and those whom it stands in for."""
        return frozenset((self.account_id, *self.stands_for))

    def role_for(self, move: Move) -> str:
        """The role in which it makes a move that it may make: one of its own before one that is lent."""
        fit = move.roles & self.roles
        return min(fit - self.lent.keys() or fit)

    def instead_of(self, move: Move) -> str | None:
        """In whose stead it makes a move that it may make; None where it is its own to make."""
        return self.lent.get(self.role_for(move))

    @classmethod
    def of(cls, account_id: str | None, *roles: str) -> "Actor":
        """An actor with these roles."""
        return cls(account_id, frozenset(roles))


THE_SYSTEM = Actor.of(None, SYSTEM)


class TimelineEntry(Model):
    """One step, never edited. Its (subject, version) is unique: no step is lost and none is made twice.

    `thread_id` ties together what happens to one submission, whichever row it happens to. `instead_of` is the account
    in whose stead the actor moved.
    """

    __tablename__ = "timeline_entries"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    thread_id: Mapped[str] = mapped_column(Id)
    subject_type: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(Id)
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcTime)
    move: Mapped[str] = mapped_column(String(32))
    source: Mapped[str | None] = mapped_column(String(32))
    target: Mapped[str] = mapped_column(String(32))
    actor_id: Mapped[str | None] = mapped_column(Id)
    actor_role: Mapped[str] = mapped_column(String(32))
    instead_of: Mapped[str | None] = mapped_column(Id)
    note: Mapped[str | None]
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    shown_to: Mapped[str] = mapped_column(String(8))
    note_to: Mapped[str] = mapped_column(String(8))

    __table_args__ = (
        Index("uq_timeline_entries_subject", "subject_id", "version", unique=True),
        Index("ix_timeline_entries_thread", "thread_id", "id"),
    )


_ENTRY = insert(table(TimelineEntry))


def locked(model: type[R], subject_id: str) -> R:
    """The row of `model`, locked until the transaction ends. Raises Missing."""
    row = db.session.get(model, subject_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise Missing
    return row


def begin(
    workflow: Workflow,
    row: Subject,
    move: Move,
    actor: Actor,
    shown: dict[str, Any] | None = None,
    note: str | None = None,
) -> None:
    """Put a new row into its initial state, write the first line of its timeline and tell of it."""
    row.state, row.version = workflow.initial, 1
    _record(workflow, row, move, None, actor, note, shown or {}, {})


def apply(
    workflow: Workflow,
    row: Subject,
    move_name: str,
    actor: Actor,
    *,
    note: str | None = None,
    given: Collection[str] = (),
    expected_version: int | None = None,
    shown: dict[str, Any] | None = None,
    told: Mapping[str, str] | None = None,
    **data: Any,
) -> Move:
    """Make a move on `row`, which the caller has locked, and settle the duties that it stops; returns it as made.

    `given` names what comes with the move (a note counts by itself); `shown` goes into the timeline, `data` into
    the fact. `told` has `shown_to` or `note_to` where fewer hear of this step than the table says. Raises Invalid for
    a move that is not in the table or lacks what it needs, Forbidden, Conflict for a state or a guard that forbids it,
    Stale for another version than the expected one.
    """
    move = workflow.by_name.get(move_name)
    if move is None:
        raise Invalid(Fault("move", "choice", (("choices", ", ".join(workflow.by_name)),)))
    if not move.roles & actor.roles:
        raise Forbidden("move_not_yours")
    if expected_version is not None and expected_version != row.version:
        raise Stale
    forbidden = refusal(move, row, actor)
    if forbidden is not None:
        raise Conflict(forbidden)
    _require(move, set(given) | ({"note"} if note and note.strip() else set()))
    if told:
        move = replace(move, shown_to=told.get("shown_to", move.shown_to), note_to=told.get("note_to", move.note_to))
    source = row.state
    row.state, row.version = move.target or source, row.version + 1
    if move.stops:
        deadlines.settle(row.id, *move.stops)
    _record(workflow, row, move, source, actor, note, shown or {}, data)
    return move


def refusal(move: Move, row: Any, actor: Actor) -> str | None:
    """What forbids `actor` to make `move` on `row` now; None where nothing does."""
    if not move.roles & actor.roles:
        return "move_not_yours"
    if row.state not in move.sources:
        return "wrong_state"
    return move.guard(row, actor) if move.guard else None


def _require(move: Move, given: Collection[str]) -> None:
    lacking = [need for need in move.needs if need not in given]
    if lacking:
        raise Invalid(*(Fault(_FIELDS.get(need, need), "required") for need in lacking))


def _record(
    workflow: Workflow,
    row: Subject,
    move: Move,
    source: str | None,
    actor: Actor,
    note: str | None,
    shown: dict[str, Any],
    data: dict[str, Any],
) -> None:
    """The step in the timeline, and the fact in the outbox."""
    entry_id = new_id()
    entry = {
        "id": entry_id,
        "thread_id": row.thread_id,
        "subject_type": workflow.name,
        "subject_id": row.id,
        "version": row.version,
        "at": now(),
        "move": move.name,
        "source": source,
        "target": row.state,
        "actor_id": actor.account_id,
        "actor_role": actor.role_for(move),
        "instead_of": actor.instead_of(move),
        "note": note,
        "data": shown,
        "shown_to": move.shown_to,
        "note_to": move.note_to,
    }
    add(_ENTRY, entry)
    told = {"move": move.name, "entry": entry_id, "thread": row.thread_id} | data
    outbox.record(workflow.fact(move), workflow.name, row.id, told)
