"""Handing in a micro-supervision without an account, and what the holder of its receipt may do."""

from typing import Any

from sqlalchemy import bindparam, select

from participate.accounts.service import create_nameless
from participate.kernel.auth import Caller
from participate.kernel.db import AnyRow, one, transaction
from participate.kernel.errors import Missing
from participate.kernel.ids import new_receipt
from participate.submissions import service
from participate.submissions.kinds import SEALED
from participate.submissions.models import NewSubmission, Submission
from participate.submissions.nameless import receipts

_HELD = select(
    Submission.id, Submission.author_id, Submission.reference, Submission.kind, Submission.state, Submission.version
).where(Submission.receipt == bindparam("receipt"))


def submit(fields: dict[str, Any], language: str) -> tuple[NewSubmission, str]:
    """Take a micro-supervision in; returns its row and the receipt, which is not kept. Raises Invalid.

    Its author is an account that nobody can sign in to, made for this one alone.
    """
    receipt = new_receipt()
    with transaction():
        author = create_nameless(language)
        given = fields | {"anonymous": True}
        row = service.submit(author, SEALED, given, receipt=receipts.kept(receipt))
    return row, receipt


def held(receipt: str) -> AnyRow:
    """What the holder of a receipt has handed in without an account. Raises Missing."""
    found = one(_HELD, {"receipt": receipts.kept(receipt)})
    if found is None:
        raise Missing
    return found


def move(receipt: str, name: str, fields: dict[str, Any]) -> None:
    """Make a move of the author's. Raises Missing, and as `service.move`."""
    row = held(receipt)
    service.move(Caller(row.author_id), row.id, name, fields)
