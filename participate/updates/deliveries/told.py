"""What became of the messages about one submission, for those who handle it: never to whom, and never where."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import String, bindparam, case, cast, exists, func, literal, null, select, union_all

from participate.kernel.auth import Caller
from participate.kernel.db import AnyRow, Id
from participate.kernel.errors import Missing
from participate.kernel.ids import first_id, made_at
from participate.submissions import queries as submissions
from participate.submissions.models import SubmissionJoin
from participate.updates import concerns
from participate.updates.channels.base import WEBHOOK
from participate.updates.deliveries.choices import IN_APP
from participate.updates.deliveries.models import SENT, Delivery
from participate.updates.models import FeedEntry

# Whoever handles or judges submissions; which of them is asked of the submission itself.
ROLES = (*submissions.BEFORE_ACCEPTANCE, *submissions.AFTER_ACCEPTANCE)
# Who was told, as far as anybody else may know. Somebody else whose own it is has said something of it.
AUTHOR, PARTICIPANT = "author", "participant"
_BY_CONCERN = {concerns.JOINED: "joined", concerns.FOLLOWED: "follower", concerns.STAFF: "staff"}
READERS = (AUTHOR, *_BY_CONCERN.values(), PARTICIPANT, WEBHOOK)

_HAS_JOINED = exists().where(
    SubmissionJoin.submission_id == Delivery.submission_id, SubmissionJoin.account_id == Delivery.account_id
)
_READER = case(
    (Delivery.account_id == bindparam("author"), literal(AUTHOR, String)),
    (Delivery.channel == WEBHOOK, literal(WEBHOOK, String)),
    *((Delivery.concern == concern, literal(reader, String)) for concern, reader in _BY_CONCERN.items()),
    (_HAS_JOINED, literal(_BY_CONCERN[concerns.JOINED], String)),  # Whose own it is too.
    else_=literal(PARTICIPANT, String),
)
_SENT = (
    select(
        *(Delivery.fact_id, Delivery.channel, _READER.label("reader"), Delivery.state),
        func.min(Delivery.move).label("fact"),
        func.min(Delivery.at).label("at"),
        func.count().label("people"),
        func.max(Delivery.sent_at).label("delivered_at"),
        func.max(Delivery.attempts).label("attempts"),
        func.max(Delivery.error).label("error"),
        cast(null(), Id).label("entry_id"),
    )
    .where(Delivery.submission_id == bindparam("submission"))
    .group_by(Delivery.fact_id, Delivery.channel, _READER, Delivery.state)
)
# The author's feed has it once it is written down. Facts from before it was handed in need not be looked through.
_IN_FEED = select(
    *(FeedEntry.fact_id, literal(IN_APP, String), literal(AUTHOR, String), literal(SENT, String)),
    *(FeedEntry.move, FeedEntry.at, literal(1), null(), literal(1), null(), FeedEntry.id),
).where(
    FeedEntry.account_id == bindparam("author"),
    FeedEntry.submission_id == bindparam("submission"),
    FeedEntry.fact_id >= bindparam("since", type_=Id),
)
_told = union_all(_SENT, _IN_FEED).subquery()
LISTED = select(_told)
KEYS = tuple(_told.c[name] for name in ("fact_id", "channel", "reader", "state"))


def asked(caller: Caller, submission_id: str) -> dict[str, Any]:
    """What LISTED is to be given. Raises Missing for a submission that the caller does not handle."""
    row = submissions.seen(caller, submission_id)
    if not row.is_desk:
        raise Missing
    return {"submission": row.id, "author": row.author_id, "since": first_id(row.created_at)}


def present(row: AnyRow) -> dict[str, Any]:
    """As the API shows it."""
    found: dict[str, Any] = row._asdict()
    entry_id = found.pop("entry_id")
    return found | ({"delivered_at": datetime.fromtimestamp(made_at(entry_id), UTC)} if entry_id else {})
