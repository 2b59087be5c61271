"""What comes of a consultation: until when votes count, what is done about which statement, by whom and by when."""

from typing import Any

from participate.audit import service as audit
from participate.cases.commitments import service as commitments
from participate.catalogue import queries as catalogue
from participate.consultations import queries, sides
from participate.consultations.models import Consultation
from participate.consultations.workflow import MODERATOR
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.context import local
from participate.kernel.db import transaction
from participate.kernel.errors import Conflict, Fault, Forbidden, Invalid, Missing, Stale
from participate.kernel.scopes import roles_for
from participate.kernel.workflow import Actor, locked

DONE = ("adopted", "partly")
_TITLE = 120  # characters of a statement that name what is promised
_OWNER = ("unit", "due_at")


def settle(caller: Caller, consultation_id: str, fields: dict[str, Any], version: int | None = None) -> None:
    """Invite `sides`, set when it closes (`closes_at`), say what comes of it (`outcomes`), or write its `minutes`.

    What is adopted is promised: see `commitments`. Raises Missing, Forbidden for who does not moderate here, Stale,
    Conflict for outcomes while people vote (`consultation_running`), a day where rounds have theirs
    (`closes_with_rounds`) or sides that people may have been counted in (`sides_fixed`), and Invalid for a day that is
    over, what is not there, or something adopted that nobody answers for.
    """
    row = queries.consultation(caller, consultation_id)
    if MODERATOR not in roles_for(caller, row.area):
        raise Forbidden("move_not_yours")
    if fields.get("closes_at") is not None and fields["closes_at"] <= now():
        raise Invalid(Fault("closes_at", "too_early", (("after", local(now())),)))
    sides.check(fields.get("sides", []))
    _check_said_once(fields.get("outcomes", []))
    titles = [_checked(row.id, place, each) for place, each in enumerate(fields.get("outcomes", []))]
    with transaction():
        made = locked(Consultation, consultation_id)
        if version not in {None, made.version}:
            raise Stale
        if "closes_at" in fields and made.rounds:
            raise Conflict("closes_with_rounds")
        if not sides.keep_their_places(made.sides, fields.get("sides", made.sides)) and queries.has_begun(made.id):
            raise Conflict("sides_fixed")
        for name in fields.keys() - {"outcomes"}:
            setattr(made, name, fields[name])
        if "outcomes" in fields:
            _check_over(row, made)
            made.outcomes = _promised(made, Actor.of(caller.account_id, MODERATOR), fields["outcomes"], titles)
        made.version += 1
        audit.record("consultation.settled", "consultation", made.id, caller.account_id, fields=sorted(fields))


def _check_over(row: Any, made: Consultation) -> None:
    if row.state == "open" and (made.closes_at is None or made.closes_at > now()):
        raise Conflict("consultation_running")


def _check_said_once(outcomes: list[dict[str, Any]]) -> None:
    """Raises Invalid for what is said twice in the same words: of two promises one would be nobody's any more."""
    twice = [place for place, each in enumerate(outcomes) if each in outcomes[:place]]
    if twice:
        raise Invalid(*(Fault(f"outcomes.{place}.statement_id", "named_twice") for place in twice))


def _checked(consultation_id: str, place: int, outcome: dict[str, Any]) -> str:
    """What the statement says. Raises Invalid."""
    at = f"outcomes.{place}"
    try:
        text = str(queries.statement(consultation_id, outcome["statement_id"], None).text)
    except Missing as error:
        raise Invalid(Fault(f"{at}.statement_id", "unknown_code")) from error
    if outcome["adopted"] in DONE:
        lacking = [name for name in _OWNER if outcome.get(name) is None]
        if lacking:
            raise Invalid(*(Fault(f"{at}.{name}", "required") for name in lacking))
        commitments.day_of(outcome["due_at"])
    if outcome.get("unit") is not None and not getattr(catalogue.unit(outcome["unit"]), "active", False):
        raise Invalid(Fault(f"{at}.unit", "unknown_code"))
    return text


def _promised(
    made: Consultation, actor: Actor, outcomes: list[dict[str, Any]], titles: list[str]
) -> list[dict[str, Any]]:
    """The outcomes as they are kept; what was promised before in other words gives way to what is promised now."""
    before = {_terms(each): each["commitment_id"] for each in made.outcomes if "commitment_id" in each}
    kept = list[dict[str, Any]]()
    for outcome, title in zip(outcomes, titles, strict=True):
        plain = outcome | ({"due_at": outcome["due_at"].isoformat()} if outcome.get("due_at") else {})
        if outcome["adopted"] in DONE:
            plain["commitment_id"] = before.pop(_terms(plain), None) or commitments.promise_outcome(
                made.id,
                actor,
                outcome | {"title": title[:_TITLE], "text": outcome["reason"], "area": made.area},
            )
        kept.append(plain)
    for commitment_id in before.values():
        commitments.let_go(commitment_id)
    return kept


def _terms(outcome: dict[str, Any]) -> tuple[Any, ...]:
    """What is promised: the same a second time is one promise."""
    return tuple(outcome.get(name) for name in ("statement_id", "adopted", "reason", *_OWNER))
