"""Rows of submissions and of what their authors think of the outcome."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, false, func, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Json, Model, UtcTime, code
from participate.kernel.ids import new_id
from participate.submissions.kinds import KINDS, RESIDENT
from participate.submissions.workflow import SUBMISSION

PLACE_SOURCES = ("given", "photo", "none")


# By their codes' length, what a city's public list is narrowed to, each in the order of the list. PostgreSQL alone: of
# an index over expressions SQLite cannot tell what it holds, which copies of the table would then lack.
REGIONS = {4: "city", 6: "district", 9: "street", 12: "community"}


def region(area: Any, length: int) -> ColumnElement[str]:
    """The code of the area with `length` digits that `area` lies in; shorter codes are themselves."""
    return func.substr(area, literal_column("1"), literal_column(str(length)), type_=code(18))


def _where(shown: Any, name: str, *columns: Any, sqlite_too: bool = True) -> Index:
    """An index over the rows for which `shown` is true."""
    condition = shown.is_(True)
    return Index(name, *columns, postgresql_where=condition, sqlite_where=condition if sqlite_too else false())


# A proposal that has a number, and one that waits for it.
FILED = "filed_as IS NOT NULL"
UNFILED = "kind = 'micro_proposal' AND state = 'accepted' AND filed_as IS NULL"
_TILED, _HEARD, _TOLD, _ADOPTED, _HELPED = (
    text(f"{column} IS NOT NULL") for column in ("tile", "heard_at", "told_at", "adopted_by", "helped_by")
)


class Submission(Model):
    """One submission. `lat` and `lon` are WGS-84; `stated` keeps the place as the client gave it.

    `area` is the cell, or the smallest known area that holds the place. `handled_at` is set on acceptance,
    `public` says whether everyone may see it. `merged_into` is the submission that one of the same matter follows,
    `joined` how many people say "me too" besides the author. `redacted` is set where words were taken out of what
    everyone reads: see SubmissionOriginal. `tile` is the square of the map in which it lies: see `nearby`. `source` is
    one of SOURCES: who has handed it in. `heard_at` is when its author was told of a step last, None while nobody owes
    them a word, and `told_at` the same where the staff have it and no case is there: see `silence`. Of a proposal
    `filed_as` is the number under which it is filed, and `cosign_until` until when it may be signed; `adopted_by` has
    taken charge of a suggestion. `helped_by` is the officer who has filed it for its author, and relays what they
    answer.
    """

    __tablename__ = "submissions"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(String(11), unique=True)
    receipt: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"))
    anonymous: Mapped[bool]
    title: Mapped[str | None] = mapped_column(String(120))
    body: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(Json)
    category: Mapped[str | None] = mapped_column(code(40))
    stated: Mapped[dict[str, Any] | None] = mapped_column(Json)
    place_source: Mapped[str] = mapped_column(String(8))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    area: Mapped[str | None] = mapped_column(code(18))
    cell: Mapped[str | None] = mapped_column(code(18))
    boundary_version: Mapped[int | None]
    edge_m: Mapped[float | None]
    unit: Mapped[str | None] = mapped_column(Id)
    public: Mapped[bool] = mapped_column(default=False)
    appeals: Mapped[int] = mapped_column(default=0)
    reopenings: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)
    handled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    merged_into: Mapped[str | None] = mapped_column(Id)
    joined: Mapped[int] = mapped_column(default=0, server_default="0")
    urgent: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    redacted: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    tile: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(8), default=RESIDENT, server_default=RESIDENT)
    heard_at: Mapped[datetime | None] = mapped_column(UtcTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcTime)
    filed_as: Mapped[str | None] = mapped_column(String(12))
    cosign_until: Mapped[datetime | None] = mapped_column(UtcTime)
    adopted_by: Mapped[str | None] = mapped_column(Id)
    helped_by: Mapped[str | None] = mapped_column(Id)

    __table_args__ = (
        CheckConstraint(f"state IN {SUBMISSION.states!r}", name="state"),
        CheckConstraint(f"kind IN {tuple(KINDS)!r}", name="kind"),
        CheckConstraint(f"place_source IN {PLACE_SOURCES!r}", name="place_source"),
        Index("ix_submissions_author_id_id", "author_id", "id"),
        Index("ix_submissions_public_id", "public", "id"),
        # What the public list may be narrowed to. What is not public yet costs nothing here, as when it is handed in.
        _where(public, "ix_submissions_public_kind", "kind", "id"),
        _where(public, "ix_submissions_public_state", "state", "id"),
        _where(public, "ix_submissions_public_category", "category", "id"),
        _where(public, "ix_submissions_public_area", "area", "id"),
        _where(public, "ix_submissions_public_changed", "updated_at", "id"),
        *(
            Index(
                f"ix_submissions_{name}",
                "id",
                postgresql_where=text(f"public IS true AND {condition}"),
                sqlite_where=text(f"public IS 1 AND {condition}"),
            )
            for name, condition in (("filed", FILED), ("unfiled", UNFILED))
        ),
        # A range, not in the list's order: PostgreSQL knows how wide one is, SQLite would take it for wide ones too.
        _where(public, "ix_submissions_public_place", "lat", "lon", sqlite_too=False),
        # A square is known once it is admitted: handing in costs nothing here.
        Index("ix_submissions_tile", "tile", "id", postgresql_where=_TILED, sqlite_where=_TILED),
        Index(
            "ix_submissions_open_tile",
            *("tile", "id"),
            postgresql_where=text("public IS true AND state <> 'closed'"),
            sqlite_where=text("public IS 1 AND state <> 'closed'"),
        ),
        Index(
            "ix_submissions_closed_tile",
            *("tile", "updated_at"),
            postgresql_where=text("public IS true AND state = 'closed'"),
            sqlite_where=text("public IS 1 AND state = 'closed'"),
        ),
        Index("ix_submissions_merged_into", "merged_into"),
        Index("ix_submissions_adopted_by", "adopted_by", "id", postgresql_where=_ADOPTED, sqlite_where=_ADOPTED),
        Index("ix_submissions_helped", "helped_by", "id", postgresql_where=_HELPED, sqlite_where=_HELPED),
        Index("ix_submissions_heard", "heard_at", postgresql_where=_HEARD, sqlite_where=_HEARD),
        Index("ix_submissions_told", "told_at", "id", postgresql_where=_TOLD, sqlite_where=_TOLD),
    )

    @property
    def thread_id(self) -> str:
        """Its own story."""
        return self.id


for _length, _name in REGIONS.items():
    _by_region = region(Submission.area, _length)
    _where(Submission.public, f"ix_submissions_public_{_name}", _by_region, Submission.id).ddl_if("postgresql")


class SubmissionJoin(Model):
    """Somebody who says "me too": they hear of every public step, and count as affected.

    `merged_id` is their own submission that was merged into this one, where that is how they came.
    """

    __tablename__ = "submission_joins"
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"), primary_key=True)
    merged_id: Mapped[str | None] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (Index("ix_submission_joins_account_id", "account_id", "submission_id"),)


class SubmissionLink(Model):
    """What a submission, `source_id`, is carried on as: a new one, `target_id`, so that no way leads round."""

    __tablename__ = "submission_links"
    target_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"), primary_key=True)
    source_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"))
    kind: Mapped[str] = mapped_column(String(20))
    made_by: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint("source_id <> target_id", name="another"),
        Index("uq_submission_links_source_id", "source_id", "kind", unique=True),
    )


class SubmissionOriginal(Model):
    """What a submission said before words were taken out of it; for its author and the desk."""

    __tablename__ = "submission_originals"
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"), primary_key=True)
    title: Mapped[str | None] = mapped_column(String(120))
    body: Mapped[str]
    kept_by: Mapped[str] = mapped_column(Id)
    kept_at: Mapped[datetime] = mapped_column(UtcTime)


class NewSubmission(SimpleNamespace):
    """All the columns of a submission that is about to be written; those not given are at their defaults."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**(_DEFAULTS | given))

    @property
    def thread_id(self) -> str:
        """Its own story."""
        return str(self.id)


class HeldSubmission(SimpleNamespace):
    """Some columns of a submission that is locked; what becomes of them is written by `change`."""

    @property
    def thread_id(self) -> str:
        """Its own story."""
        return str(self.id)


_DEFAULTS = {column.name: column.default and column.default.arg for column in Submission.__table__.columns}


class SubmissionText(Model):
    """What a submission is searched by: its title and body, normalised. See `search`.

    `number` stands for it in the index `submission_search`, a table of another make on each database.
    """

    __tablename__ = "submission_texts"
    number: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"), unique=True)
    text: Mapped[str]


class Rating(Model):
    """What the author says of one answer; a reopened submission may get a second.

    What an officer has `relayed` counts in no figure: they may be one of those whom it is about.
    """

    __tablename__ = "ratings"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"))
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"))
    answer: Mapped[int]
    resolved: Mapped[bool]
    satisfaction: Mapped[int]
    comment: Mapped[str | None]
    relayed: Mapped[bool] = mapped_column(default=False, server_default=false())
    at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction"),
        Index("uq_ratings_submission_id_account_id_answer", "submission_id", "account_id", "answer", unique=True),
    )
