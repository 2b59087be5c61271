"""Who goes away or is back hears of it, and their deputy."""

from datetime import datetime

from participate.cases.deputies.queries import absence
from participate.kernel.context import settings
from participate.kernel.outbox import Fact
from participate.updates import concerns
from participate.updates.service import append

_SAID = {"absence.named": "step.absence.named", "absence.ended": "step.absence.ended"}


def tell(fact: Fact) -> None:
    """`absence.named`, `absence.ended`: both of them, also where others have put it down."""
    row = absence(fact.subject_id)
    values = {"note": None, "absentee": row.account_name, "deputy": row.deputy_name}
    values |= {"since": _moment(row.starts_at), "until": _moment(row.ends_at)}
    entry = {"fact_id": fact.id, "at": fact.at, "submission_id": None, "move": fact.name.partition(".")[2]}
    entry |= {"words": _SAID[fact.name], "values": values, "concern": concerns.STAFF}
    append([entry | {"account_id": account_id} for account_id in sorted((row.account_id, row.deputy_id))])


def _moment(at: datetime) -> str:
    """As the city's clocks say it."""
    return at.astimezone(settings().timezone).strftime("%Y-%m-%d %H:%M")
