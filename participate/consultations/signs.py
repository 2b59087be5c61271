"""Signs that somebody has sent people to a consultation: shown to who runs it, with numbers, and never applied.

No result depends on anything here. Of an address nothing is kept but a hash under the service's key, which is of one
consultation alone, until that is concluded or the time for it is over.
"""

import hmac
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, tuple_, update

from participate.accounts.models import Account
from participate.consultations.models import Participant
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, execute, rows, table, transaction
from participate.kernel.retention import STEP
from participate.kernel.words import say
from participate.submissions.queries import accepted_at

NEW_SHARE = 0.3  # of all who have taken part, with accounts that were new when they did
MANY = 5  # people from one address: more than most households are
CROWD, TIMES = 20, 5  # people within a window, and so many times as many as in the others
WINDOW = 600  # seconds
MOST_NAMED = 20
_PARTICIPANTS = table(Participant)
_ARRIVED = (
    select(Participant.at, Participant.address, Account.created_at)
    .join(Account, Account.id == Participant.account_id)
    .where(Participant.consultation_id == bindparam("consultation"), Participant.at.is_not(None))
)


def hidden(consultation_id: str, address: str | None) -> str | None:
    """What is kept of an address: from another consultation it looks otherwise."""
    if not address:
        return None
    key, held = settings().secret_key.encode(), f"address {consultation_id} {address}".encode()
    return hmac.digest(key, held, "sha256").hex()[:32]


def seen(consultation_id: str, language: str) -> dict[str, Any]:
    """How many `people` have taken part, as far as it is known when, and each sign with its reason and numbers."""
    found = rows(_ARRIVED, {"consultation": consultation_id})
    told = [_new_accounts(found, language), _same_address(found, language)]
    return {"people": len(found), "signs": [*told, _bursts(found, language, accepted_at(consultation_id))]}


def _new_accounts(found: Sequence[AnyRow], language: str) -> dict[str, Any]:
    days = settings().new_account_days
    people = sum(row.at - row.created_at < timedelta(days=days) for row in found)
    raised = people >= MANY and people >= NEW_SHARE * len(found)
    why = say("sign.new_accounts", language, people=people, of=len(found), days=days)
    return _sign("new_accounts", raised, people, found, why)


def _same_address(found: Sequence[AnyRow], language: str) -> dict[str, Any]:
    sizes = Counter(row.address for row in found if row.address is not None)
    groups = sorted((size for size in sizes.values() if size >= MANY), reverse=True)
    why = say("sign.same_address", language, people=sum(groups), many=len(groups))
    return _sign("same_address", bool(groups), sum(groups), found, why, [{"people": size} for size in groups])


def _bursts(found: Sequence[AnyRow], language: str, opened_at: datetime | None) -> dict[str, Any]:
    """Windows in which far more people came than in the others since it has opened, to the last in which any came."""
    counts = Counter(_window(row.at) for row in found)
    last = max(counts, default=0)
    others = last - min([*counts, _window(opened_at)] if opened_at else counts, default=last)
    crowds = [
        (window, size)
        for window, size in sorted(counts.items())
        if size >= CROWD and size * others > TIMES * (len(found) - size)
    ]
    named = [{"people": size, "since": _begins(window), "until": _begins(window + 1)} for window, size in crowds]
    people = sum(size for _, size in crowds)
    why = say("sign.bursts", language, people=people, many=len(crowds), minutes=WINDOW // 60)
    return _sign("bursts", bool(crowds), people, found, why, named)


def _sign(
    name: str, raised: bool, people: int, found: Sequence[AnyRow], why: str, groups: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    share = round(people / len(found), 4) if found else 0.0
    told = {"sign": name, "raised": raised, "people": people, "share": share, "why": why}
    return told | {"groups": list(groups[:MOST_NAMED])}


def _window(moment: datetime) -> int:
    return int(moment.timestamp()) // WINDOW


def _begins(window: int) -> datetime:
    return datetime.fromtimestamp(window * WINDOW, UTC)


def forget_addresses_of(consultation_id: str) -> None:
    """It is concluded: whether many came from one address need not be known any more."""
    held = _PARTICIPANTS.c
    with transaction():
        of_it = update(_PARTICIPANTS).where(held.consultation_id == consultation_id, held.address.is_not(None))
        execute(of_it.values(address=None))


def forget_addresses() -> int:
    """Forget hashes of addresses whose time is over, some at a time; returns how many."""
    held = _PARTICIPANTS.c
    old = held.at < now() - timedelta(days=settings().keep_addresses_days), held.address.is_not(None)
    chosen = select(held.consultation_id, held.account_id).where(*old).order_by(held.at).limit(STEP)
    gone = update(_PARTICIPANTS).where(tuple_(held.consultation_id, held.account_id).in_(chosen)).values(address=None)
    with transaction():
        return len(rows(gone.returning(held.account_id)))
