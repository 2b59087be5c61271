"""What waits on the moderation desk, what was decided, and what the desk's people say of it to each other."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Json, Model, UtcTime, code
from participate.kernel.ids import new_id

# `staged`: decided together with others, and not told to anybody until it can no longer be undone.
STATES = ("waiting", "staged", "decided", "dropped")
# What ends a look; and what can be decided besides, which leaves it open.
DECISIONS = ("accept", "return", "reject", "merge")
ACTS = (*DECISIONS, "hide_photo")
# Why somebody looks: it is new; its author has mended it, or says that it was merged wrongly; its author appeals.
PURPOSES = ("look", "again", "appeal")
URGENT, NORMAL = 0, 1
BATCH_STATES = ("staged", "undone", "done")
# The words for why a photo waits for a look.
UNCHECKED_WHY = {
    "not_installed": "flag.photo_not_installed",
    "failed": "flag.photo_failed",
    "switched_off": "flag.photo_switched_off",
}


_WAITING = text("state = 'waiting'")


def _on_sqlite(name: str, condition: Any, *columns: str) -> Index:
    """An index of what the queue is narrowed to; empty on PostgreSQL, which has ModerationWaiting for that."""
    return Index(name, *columns, sqlite_where=condition, postgresql_where=false())


def _while_waiting(name: str, *columns: str, only: str = "") -> Index:
    """An index over what waits, or `only` some of that."""
    waiting = text(f"state = 'waiting' AND {only}") if only else _WAITING
    return Index(name, *columns, sqlite_where=waiting, postgresql_where=waiting)


class ModerationTask(Model):
    """One look at one submission. A claim holds until `lease_until`; `not_by` has decided on it before, with `nor_by`.

    The queue's order is `rank`, `due_at`, `id`. `flags` is what is shown of its flags; `flag_codes` repeats their codes
    between spaces for the release before. `about_unit` is the unit that the submission is about, whose own people do
    not decide on it. `reviews` is the task whose decision an appeal questions. Where two people must agree, `proposal`
    is the decision of the first of them, `proposed_by`. `edited` names what was changed in the submission. `warned` is
    the share of its time, in percent, over which somebody was warned last.
    """

    __tablename__ = "moderation_tasks"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"), index=True)
    fact_id: Mapped[str] = mapped_column(Id, unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    category: Mapped[str | None] = mapped_column(code(40))
    title: Mapped[str] = mapped_column(String(120))
    area: Mapped[str | None] = mapped_column(code(18))
    author_id: Mapped[str] = mapped_column(Id)
    about_unit: Mapped[str | None] = mapped_column(Id)
    purpose: Mapped[str] = mapped_column(String(8), default="look", server_default="look")
    not_by: Mapped[str | None] = mapped_column(Id)
    nor_by: Mapped[str | None] = mapped_column(Id)
    reviews: Mapped[str | None] = mapped_column(Id)
    flags: Mapped[list[Any]] = mapped_column(Json, default=list)
    flag_codes: Mapped[str] = mapped_column(String(400), default=" ")
    rank: Mapped[int] = mapped_column(default=NORMAL)
    opened_at: Mapped[datetime | None] = mapped_column(UtcTime)
    screened_at: Mapped[datetime | None] = mapped_column(UtcTime)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    warned: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    version: Mapped[int] = mapped_column(default=1)
    claimed_by: Mapped[str | None] = mapped_column(Id)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcTime)
    proposed_by: Mapped[str | None] = mapped_column(Id)
    proposal: Mapped[dict[str, Any] | None] = mapped_column(Json)
    edited: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    batch_id: Mapped[str | None] = mapped_column(Id)
    decided_by: Mapped[str | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    decision: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(20))

    __table_args__ = (
        CheckConstraint(f"state IN {STATES!r}", name="state"),
        CheckConstraint(f"decision IN {DECISIONS!r}", name="decision"),
        Index("ix_moderation_tasks_queue", "state", "rank", "due_at", "id"),
        _on_sqlite("ix_moderation_tasks_kind", _WAITING, "kind", "rank", "due_at", "id"),
        _on_sqlite("ix_moderation_tasks_category", _WAITING, "category", "rank", "due_at", "id"),
        _on_sqlite("ix_moderation_tasks_area", _WAITING, "area", "rank", "due_at", "id"),
        _while_waiting("ix_moderation_tasks_claimed", "claimed_by", "id"),
        _while_waiting("ix_moderation_tasks_proposed", "rank", "due_at", "id", only="proposed_by IS NOT NULL"),
        # What one person may not see of all that waits, to be taken off their counts.
        _while_waiting("ix_moderation_tasks_not_by", "not_by", only="not_by IS NOT NULL"),
        _while_waiting("ix_moderation_tasks_nor_by", "nor_by", only="nor_by IS NOT NULL"),
        _while_waiting("ix_moderation_tasks_about", "about_unit", only="about_unit IS NOT NULL"),
        # What the release before has opened, until it is taken over.
        _while_waiting("ix_moderation_tasks_unadopted", "id", only="opened_at IS NULL"),
        Index("ix_moderation_tasks_decided", "decided_at", "id"),
        _while_waiting("ix_moderation_tasks_appeal", "due_at", "id", only="purpose = 'appeal'"),
        Index("ix_moderation_tasks_author", "author_id", "decided_at"),
    )


class ModerationFlag(Model):
    """One flag of one task: `code` says which, `why` names its words and `values` fills them.

    `rank` and `due_at` are its task's while that `waits`, so that the queue by flag is one range. Once it is decided,
    `borne_out` says whether the decision was what the flag had hinted at: its precision is the share of those.
    """

    __tablename__ = "moderation_flags"
    task_id: Mapped[str] = mapped_column(Id, ForeignKey("moderation_tasks.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    why: Mapped[str] = mapped_column(String(64))
    values: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    waits: Mapped[bool] = mapped_column(default=True)
    rank: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    borne_out: Mapped[bool | None]

    __table_args__ = (
        _on_sqlite("ix_moderation_flags_waiting", waits.is_(True), "code", "rank", "due_at", "task_id"),
        Index("ix_moderation_flags_decided", "code", "decided_at"),
    )


class ModerationWaiting(Model):
    """How PostgreSQL finds a task while it waits: one row for each, kept in the same transaction; see `waiting`.

    `position` puts it into the queue's order. `marks` says what it may be narrowed to, `bigrams` holds the pairs of
    neighbouring characters of its submission's text.
    """

    __tablename__ = "moderation_waiting"
    task_id: Mapped[str] = mapped_column(Id, ForeignKey("moderation_tasks.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    marks: Mapped[list[str]] = mapped_column(ARRAY(Text).with_variant(JSON(), "sqlite"))
    bigrams: Mapped[list[int]] = mapped_column(ARRAY(Integer).with_variant(JSON(), "sqlite"))

    __table_args__ = (Index("ix_moderation_waiting_position", "position", "task_id"),)


# The windows of positions that a task lies in, by their widths in powers of two; the last bits tell them apart.
WIDTHS = (4, 9, 41, 47, 54)
WINDOWS = ", ".join(f"((position >> {width}) << 4) | {n}" for n, width in enumerate(WIDTHS))
# What is still to be sorted in is kept short, since every reader looks through it.
Index(
    "ix_moderation_waiting_windows",
    ModerationWaiting.bigrams,
    ModerationWaiting.marks,
    text(f"(ARRAY[{WINDOWS}])"),
    postgresql_using="gin",
    postgresql_with={"fastupdate": "on", "gin_pending_list_limit": 256},
).ddl_if("postgresql")


class ModerationCount(Model):
    """How many tasks wait in one area (a cell, or as much as is known; "" is nowhere), by one facet's one value.

    Kept by whoever adds or takes away a task, in the same transaction: nobody counts tasks.
    """

    __tablename__ = "moderation_counts"
    facet: Mapped[str] = mapped_column(String(10), primary_key=True)
    area: Mapped[str] = mapped_column(code(18), primary_key=True)
    value: Mapped[str] = mapped_column(code(40), primary_key=True)
    n: Mapped[int]


class ModerationReason(Model):
    """A reason that a moderator may give, for which `decisions`, and the words that its author then reads."""

    __tablename__ = "moderation_reasons"
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    decisions: Mapped[list[str]] = mapped_column(Json)
    label_zh: Mapped[str] = mapped_column(String(60))
    label_en: Mapped[str] = mapped_column(String(120))
    text_zh: Mapped[str]
    text_en: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    updated_by: Mapped[str | None] = mapped_column(Id)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)


class ModerationNote(Model):
    """A word among the desk's own people about a submission; nobody else ever reads it."""

    __tablename__ = "moderation_notes"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"))
    task_id: Mapped[str] = mapped_column(Id, ForeignKey("moderation_tasks.id"))
    author_id: Mapped[str] = mapped_column(Id)
    body: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (Index("ix_moderation_notes_submission_id_id", "submission_id", "id"),)


class ModerationMention(Model):
    """Whom a note wants to read it, and since when they have."""

    __tablename__ = "moderation_mentions"
    account_id: Mapped[str] = mapped_column(Id, primary_key=True)
    note_id: Mapped[str] = mapped_column(Id, ForeignKey("moderation_notes.id"), primary_key=True)
    seen_at: Mapped[datetime | None] = mapped_column(UtcTime)


class ModerationOpinion(Model):
    """A second opinion: asked for by whoever has the task, given by a colleague, never binding."""

    __tablename__ = "moderation_opinions"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    task_id: Mapped[str] = mapped_column(Id, ForeignKey("moderation_tasks.id"), index=True)
    asked_by: Mapped[str] = mapped_column(Id)
    asked_of: Mapped[str | None] = mapped_column(Id)
    question: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    given_by: Mapped[str | None] = mapped_column(Id)
    decision: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str | None]
    given_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint(f"decision IN {DECISIONS!r}", name="decision"),
        # What is still asked for.
        Index(
            "ix_moderation_opinions_asked",
            *("asked_of", "task_id"),
            sqlite_where=given_at.is_(None),
            postgresql_where=given_at.is_(None),
        ),
    )


class ModerationBatch(Model):
    """Decisions made together. Until `undo_until` they can be taken back; only then they take effect."""

    __tablename__ = "moderation_batches"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    made_by: Mapped[str] = mapped_column(Id)
    state: Mapped[str] = mapped_column(String(8), default="staged")
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    undo_until: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint(f"state IN {BATCH_STATES!r}", name="state"),
        Index("ix_moderation_batches_made_by_id", "made_by", "id"),
    )


class ModerationBatchItem(Model):
    """One decision of a batch: what was asked for, and what has become of it (`outcome` is a problem's code, or ok)."""

    __tablename__ = "moderation_batch_items"
    batch_id: Mapped[str] = mapped_column(Id, ForeignKey("moderation_batches.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(Id)
    asked: Mapped[dict[str, Any]] = mapped_column(Json)
    outcome: Mapped[str | None] = mapped_column(String(32))


class ModerationPrint(Model):
    """What a submission's text is compared by: `whole` is a hash of all of it, `bands` those of ModerationPrintBand."""

    __tablename__ = "moderation_prints"
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"), primary_key=True)
    author_id: Mapped[str] = mapped_column(Id)
    whole: Mapped[int] = mapped_column(BigInteger)
    bands: Mapped[list[int]] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (Index("ix_moderation_prints_whole", "whole", "submission_id"),)


class ModerationPrintBand(Model):
    """A hash of some of a text's bigrams: texts that are nearly the same have one of these in common."""

    __tablename__ = "moderation_print_bands"
    band: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"), primary_key=True)


class ModerationLearning(Model):
    """The one row that says what the worker has last learned categories from, and why it suggests none, if so."""

    __tablename__ = "moderation_learning"
    id: Mapped[int] = mapped_column(primary_key=True)
    examples: Mapped[int]
    why_silent: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcTime)
