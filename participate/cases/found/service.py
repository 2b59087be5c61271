"""What officers file of their round."""

from typing import Any

from participate.cases import opening, queries
from participate.cases.guards import OFFICER
from participate.cases.making import make
from participate.cases.service import open_case
from participate.catalogue import queries as catalogue
from participate.kernel.auth import Caller
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, transaction
from participate.kernel.errors import Fault, Forbidden, Invalid
from participate.kernel.offline import check_moment
from participate.kernel.scopes import roles_for
from participate.kernel.workflow import Actor
from participate.photos import service as photos
from participate.submissions import nearby
from participate.submissions import queries as submissions
from participate.submissions.intake import check_catalogue, placed
from participate.submissions.kinds import checked_details
from participate.submissions.nearby import Near
from participate.submissions.service import vouch

_HINTS, _LOOKED_AT = 5, 20
_TITLE = 120


def file(caller: Caller, fields: dict[str, Any]) -> AnyRow:
    """File what the caller has found in their cell, mended on the spot (`handled`) or not; returns its case.

    Nobody moderates it: all read what the catalogue calls it, the desks alone the note. Raises Invalid, and Forbidden
    for others' cells.
    """
    officer, made_at = str(caller.account_id), fields.get("made_at")
    if made_at is not None:
        check_moment("made_at", made_at)
    _check_place(caller, fields["place"])
    _check_photos(fields)
    details = checked_details("snap_report", fields.get("details", {}))
    report = {"place": fields["place"], "category": fields["category"], "details": details}
    check_catalogue(report["category"], report["details"])
    said = None if fields["handled"] else fields["note"]
    with transaction():
        made = vouch(officer, report | _named(report), said, None if fields["handled"] else made_at)
        photos.attach(fields["before_photo_ids"], officer, made, field="before_photo_ids")
        if fields["handled"]:
            case = opening.file(submissions.brief(made))
            told = {"note": fields["note"], "photo_ids": fields["after_photo_ids"], "made_at": made_at}
            make(case, "settle", Actor.of(officer, OFFICER), told)
        else:
            open_case(made)
        return queries.of_submission(made)


def _check_place(caller: Caller, place: dict[str, Any]) -> None:
    found = placed(place)
    if found["area"] is None:
        raise Invalid(Fault("place", "no_cell"))
    if OFFICER not in roles_for(caller, found["area"]):
        raise Forbidden("not_your_cell")


def _check_photos(fields: dict[str, Any]) -> None:
    """Before and after, each as many as a submission may have; what is not mended has no after."""
    most = settings().max_photos
    after = fields.get("after_photo_ids", [])
    if after and not fields["handled"]:
        raise Invalid(Fault("after_photo_ids", "only_when_handled"))
    if fields["handled"] and not after:
        raise Invalid(Fault("after_photo_ids", "required"))
    for name, given in (("before_photo_ids", fields["before_photo_ids"]), ("after_photo_ids", after)):
        if len(given) > most:
            raise Invalid(Fault(name, "length", (("min", 1), ("max", most))))


def _named(report: dict[str, Any]) -> dict[str, str]:
    """What everyone reads of it: what the catalogue calls it."""
    category = getattr(catalogue.category(report["category"]), "name_zh", "")
    condition = report["details"].get("condition")
    known = catalogue.condition(condition) if condition is not None else None
    called = getattr(known, "name_zh", category)
    return {"title": called[:_TITLE], "body": category if called == category else f"{category}：{called}"}


def hints(caller: Caller, submission_id: str, fields: dict[str, Any]) -> list[Near]:
    """What lies near by and is perhaps the same: of the same category, or with a photo alike; the nearest first."""
    here = {name: fields["place"][name] for name in ("lat", "lon", "crs")}
    asked = here | {"category": fields["category"], "photo_id": fields["before_photo_ids"][0], "limit": _LOOKED_AT}
    found = [each for each in nearby.near(caller, asked) if each.row.id != submission_id]
    return [each for each in found if {"category", "photo"}.intersection(each.alike)][:_HINTS]
