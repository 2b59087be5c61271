"""Turns the public steps of what is public into events of the webhooks that hear of them."""

from collections.abc import Sequence
from typing import Any

from participate.kernel.context import settings
from participate.kernel.db import AnyRow, transaction
from participate.kernel.outbox import Fact, each
from participate.places import codes
from participate.submissions import queries as submissions
from participate.updates import concerns
from participate.updates import service as updates
from participate.updates.webhooks import queries

WORDS = "webhook"  # Nobody reads it: what an event says stands in its values.
PING = "ping"


def tell(facts: Sequence[Fact]) -> None:
    """Each public step of what anybody may see, to each webhook of its area or unit; no word of anybody's."""
    steps = updates.steps_of(facts)
    public = {step.thread_id for step in steps.values() if step.shown_to == "public"}
    briefs = {brief.id: brief for brief in submissions.briefs(public).values() if brief.public}
    if not briefs:
        return
    units = queries.units_of(briefs)
    around = {brief.id: _around(brief.area) for brief in briefs.values()}
    hooks = queries.listening(set().union(*around.values()), set().union(*units.values()))
    if not hooks:
        return
    with transaction():
        entries = list[dict[str, Any]]()
        for fact in each(facts):
            step = steps.get(fact.data["entry"])
            if step is not None and step.shown_to == "public" and step.thread_id in briefs:
                brief = briefs[step.thread_id]
                entries += [
                    entry(hook.id, fact.id, fact.name, step.at, step.move, brief)
                    for hook in hooks
                    if _hears(hook, brief, around[brief.id], units.get(brief.id, set()))
                ]
        updates.append(entries)


def _around(area: str | None) -> set[str]:
    """The area, those that it lies in, and everywhere."""
    return {"", *((area, *codes.upward(area)) if area else ())}


def _hears(hook: AnyRow, brief: AnyRow, areas: set[str], units: set[str]) -> bool:
    is_kind = not hook.kinds or brief.kind in hook.kinds
    return is_kind and (hook.area in areas if hook.unit is None else hook.unit in units)


def entry(webhook_id: str, fact_id: str, event: str, at: Any, move: str, brief: AnyRow | None = None) -> dict[str, Any]:
    """An event in a webhook's feed: ids and codes that anybody may see, and where more is to be read."""
    return {
        "account_id": webhook_id,
        "fact_id": fact_id,
        "at": at,
        "submission_id": brief.id if brief else None,
        "move": move,
        "words": WORDS,
        "concern": concerns.FOLLOWED,
        "values": {"event": event, "data": _data(brief) if brief else {}},
    }


def _data(brief: AnyRow) -> dict[str, Any]:
    shown = {name: getattr(brief, name) for name in ("reference", "kind", "category", "area", "state")}
    return {"submission_id": brief.id, **shown, "url": f"{settings().public_url}/v1/submissions/{brief.id}"}
