"""The answer to a proposal: its desks' alone until it has passed its audit, and only then everyone reads it.

What waits so long is kept with the case: the text, its class, what that promises, and the pictures that come with it.
"""

from typing import Any

from participate.cases import queries, replies
from participate.cases.commitments import service as commitments
from participate.cases.guards import ASSIGNEE, is_audited
from participate.cases.models import Case
from participate.kernel.errors import Conflict
from participate.kernel.words import LANGUAGES, say
from participate.kernel.workflow import Actor
from participate.photos import service as photos


def told(case: Case, name: str) -> dict[str, str]:
    """Who hears of a move, and who reads its note, where these are fewer than the table says."""
    if name == "resolve" and is_audited(case):
        return {"note_to": "desk"}
    # That it has passed is told with the answer itself.
    return {"shown_to": "desk"} if name == "verify" and case.answer is not None else {}


def hold(case: Case, fields: dict[str, Any]) -> None:
    """Keep the answer until it has passed. Raises Invalid for what cannot be promised."""
    answer = replies.draft(fields) | {"photo_ids": fields.get("photo_ids", [])}
    case.answer = answer | {"promise": _promised(case, answer["answer_class"], fields)}


def reclassify(case: Case, fields: dict[str, Any]) -> None:
    """It is of another class than was given. Raises Conflict, and Invalid for what cannot be promised."""
    wanted = fields["answer_class"]
    if wanted == case.answer_class:
        raise Conflict("class_already")
    if wanted == replies.DONE and case.parts_open:
        raise Conflict("parts_open")
    held = case.answer or {"note": queries.final_reply(case.id), "photo_ids": []}
    changed = {"answer_class": wanted, "promise": _promised(case, wanted, fields), "why": fields["note"]}
    case.answer = held | changed | {"was": held.get("was", case.answer_class)}
    case.answer_class = wanted


def _promised(case: Case, answer_class: str, fields: dict[str, Any]) -> dict[str, Any] | None:
    return commitments.terms(case, fields) if answer_class == replies.PLANNED else None


def published(case: Case) -> dict[str, Any]:
    """What everyone reads beside the text of an answer that has passed: its class, and why it is not the one given."""
    answer = case.answer or {}
    said = {"grade": answer["answer_class"]}
    if answer.get("was") in {None, answer["answer_class"]}:
        return said
    why = {"was": answer["was"], "why": answer["why"]}
    in_each = {each: f"{answer['note']}\n\n{say('audit.reclassified', each, **said, **why)}" for each in LANGUAGES}
    return said | {"was": answer["was"], "said": in_each}


def publish(case: Case) -> None:
    """What it promises counts from now on, in the place of what the case has promised so far."""
    answer = case.answer or {}
    commitments.supersede(case.id)
    if answer["promise"] is not None:
        commitments.promise(case, Actor.of(case.resolved_by, ASSIGNEE), answer["note"], answer["promise"])
    photos.publish(answer["photo_ids"])
    case.answer = None
