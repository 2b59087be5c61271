"""How a submission looks to the public, to its author and to those who handle it."""

import hmac
from collections.abc import Sequence
from typing import Any

from participate.kernel.auth import Caller
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, rows
from participate.kernel.ids import ALPHABET
from participate.kernel.words import say
from participate.photos import queries as photo_queries
from participate.submissions import amending, discretion, joining, lineage, merging, queries, telling
from participate.submissions.kinds import OFFICER, SEALED
from participate.submissions.proposals import queries as proposals
from participate.submissions.services import documents
from participate.submissions.services import service as services
from participate.submissions.workflow import SUBMISSION

PUBLIC_DECIMALS = 4  # About ten metres: the pothole can be found, the front door cannot be told.
_TAG = 4


def in_list(row: Any, in_full: bool = False) -> dict[str, Any]:
    """A submission in a list; the exact place only `in_full`."""
    item = {
        "id": row.id,
        "reference": row.reference,
        "kind": row.kind,
        "title": row.title,
        "category": row.category,
        "source": row.source,
        "state": row.state,
        "stage": SUBMISSION.stages[row.state],
        "place": _place(row, in_full),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "due_at": row.due_at,
        "version": row.version,
    }
    if row.kind == SEALED:
        item |= {name: discretion.day_of(item[name]) for name in ("created_at", "updated_at")}
    return item


def _place(row: Any, in_full: bool) -> dict[str, Any] | None:
    if row.lat is None:
        return None
    place: dict[str, Any] = {"crs": "wgs84", "area": row.area, "cell": row.cell}
    if not in_full:
        return place | {"lat": round(row.lat, PUBLIC_DECIMALS), "lon": round(row.lon, PUBLIC_DECIMALS)}
    stated = row.stated or {}
    extra = {"accuracy_m": stated.get("accuracy_m"), "address": stated.get("address")}
    return place | {"lat": row.lat, "lon": row.lon} | extra


def single(submission_id: str, caller: Caller, language: str) -> dict[str, Any]:
    """One submission as this caller sees it. Raises Missing."""
    row = queries.seen(caller, submission_id)
    photos = photo_queries.of_subject(row.id)
    return shown(row, photos, caller, language, row.is_own, queries.audience(row) != "public")


def shown(
    row: Any, photos: Sequence[AnyRow], caller: Caller, language: str, is_own: bool, in_full: bool
) -> dict[str, Any]:
    """A submission that has been read, or was just made, as this caller sees it."""
    level = "desk" if getattr(row, "is_desk", False) else "author" if in_full else "public"
    item = in_list(row, in_full) | {
        "affected": 1 + row.joined,
        "joined": bool(getattr(row, "has_joined", False)),
        "body": row.body,
        "details": row.details if in_full else {name: said for name, said in row.details.items() if name != "answers"},
        "place_source": row.place_source,
        "anonymous": row.anonymous,
        "helped": in_full and row.helped_by is not None,
        "redacted": row.redacted,
        "author": _author(row, language),
        "photos": [
            photo_queries.present(photo, language, in_full) for photo in photos if photo_queries.shown_to(photo, level)
        ],
        "moves": _moves(row, caller),
    }
    item |= services.shown(row.kind, row.id)
    item |= _life(row, caller, is_own, in_full)
    if in_full and documents.may_have(row):
        item["documents"] = documents.present(row.id)
    own = {"receipt": row.receipt} if is_own else {}
    own |= {"original": amending.original(row.id)} if is_own and row.redacted else {}
    own |= {"merged_into": _followed(row)} if in_full and row.merged_into else {}
    is_speaking = is_own or getattr(row, "is_helper", False)
    own |= {"returned": _returned(row.id, language)} if is_speaking and row.state == "returned" else {}
    return item | own


def _life(row: Any, caller: Caller, is_own: bool, in_full: bool) -> dict[str, Any]:
    """What only a proposal or a suggestion has, and what each of these, or a consultation, comes from or leads to."""
    if row.kind not in lineage.LINKED:
        return {}
    is_desk = in_full and not is_own and not getattr(row, "is_helper", False)
    found = {"lineage": [lineage.present(each) for each in lineage.linked(row.id, caller.account_id, is_desk)]}
    if row.kind == "micro_proposal":
        return found | {"filing": proposals.filing(row, caller, in_full)}
    return found | ({"adopted": row.adopted_by is not None} if row.kind == "micro_suggestion" else {})


def _moves(row: Any, caller: Caller) -> list[str]:
    """What this caller may do: who has joined rates too."""
    offered = SUBMISSION.offered(row, queries.actor(caller, row))
    return (
        [*offered, "rate"]
        if getattr(row, "has_joined", False) and joining.may_rate(row, caller.account_id)
        else offered
    )


def _followed(row: Any) -> dict[str, Any] | None:
    """What a merged submission follows."""
    target = merging.followed(row.merged_into)
    if target is None:
        return None
    stage = SUBMISSION.stages[target.state]
    return {"id": target.id, "reference": target.reference, "state": target.state, "stage": stage}


def _returned(submission_id: str, language: str) -> dict[str, Any] | None:
    """What the author is to mend, and why."""
    step = queries.returned(submission_id)
    if step is None:
        return None
    return {"fields": step.data.get("fields", []), "note": telling.noted(step.note, step.data, language)}


def _author(row: Any, language: str) -> dict[str, str] | None:
    """A pseudonym, another one for each submission, so that nobody can put a person's submissions together.

    What an officer has found comes from the city, not from a person.
    """
    if row.source == OFFICER:
        return {"name": say("submissions.officer", language)}
    if row.anonymous and row.kind != SEALED:
        return None
    digest = hmac.digest(settings().secret_key.encode(), f"author {row.id} {row.author_id}".encode(), "sha256")
    tag = "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:_TAG])
    return {"name": say("submissions.pseudonym", language, tag=tag)}


def step(row: AnyRow, language: str, reference: str, kind: str) -> dict[str, Any]:
    """One line of the timeline of the submission of this kind with this reference."""
    data, about = row.data or {}, {"reference": reference, "kind": kind}
    return {
        "at": discretion.told(kind, row.at),
        "subject": row.subject_type,
        "move": row.move,
        "state": row.target,
        "by": row.actor_role,
        "in_stead": _in_stead(row),
        "text": telling.spoken(
            f"step.{row.subject_type}.{row.move}", language, about | telling.brought(row.brought or {})
        ),
        "note": telling.noted(row.note, data, language),
        "answer_class": data.get("grade") or data.get("answer_class"),
        "part": data.get("part"),
        "fields": data.get("fields", []),
    }


def _in_stead(row: AnyRow) -> dict[str, str] | None:
    """Who made a step in whose stead, where the list that it stands in is for those who may know."""
    absentee = getattr(row, "instead_of", None)
    return {"deputy": row.actor_id, "of": absentee} if absentee is not None else None


def receipt(secret: str, language: str) -> dict[str, Any]:
    """What the holder of a receipt sees. Raises Missing."""
    row = queries.by_receipt(secret)
    replies = rows(queries.REPLIES, {"thread": row.id})
    shown = {
        "reference": row.reference,
        "kind": row.kind,
        "state": row.state,
        "stage": SUBMISSION.stages[row.state],
        "due_at": row.due_at,
        **services.shown(row.kind, row.id),
        "replies": [step(reply, language, row.reference, row.kind) for reply in replies],
    }
    return shown | ({"following": _following(row.merged_into, language)} if row.merged_into else {})


def _following(target_id: str, language: str) -> dict[str, Any] | None:
    """State and public replies of the submission that a merged one follows."""
    target = merging.followed(target_id)
    if target is None:
        return None
    replies = rows(queries.REPLIES, {"thread": target.id})
    return {
        "reference": target.reference,
        "state": target.state,
        "stage": SUBMISSION.stages[target.state],
        "replies": [step(reply, language, target.reference, target.kind) for reply in replies],
    }
