"""Who may ask for a service, and what is promised to whoever does."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from participate.accounts import queries as accounts
from participate.catalogue import queries as catalogue
from participate.catalogue.models import EVERYBODY, IN_NEED, MEMBERS, OF_AREA, Service
from participate.kernel.db import AnyRow, add, execute, one, table, transaction
from participate.kernel.errors import Fault, Invalid
from participate.submissions.services.models import ServiceRequest

SERVICE = "micro_service"
_HELD = table(ServiceRequest)
_NEW = insert(_HELD)
_OF = _HELD.c.submission_id == bindparam("of")
_DROPPED = delete(_HELD).where(_OF)
_KEPT = update(_HELD).where(_OF).values(promised_by=bindparam("until"))
_REQUEST = select(_HELD.c.service, _HELD.c.limit_value, _HELD.c.clock, _HELD.c.promised_by)
_ONE = (
    _REQUEST.add_columns(Service.name_zh, Service.name_en, Service.unit_id)
    .join(Service, Service.code == _HELD.c.service)
    .where(_HELD.c.submission_id == bindparam("submission"))
)


def check_asker(kind: str, details: dict[str, Any], area: str | None, asker: str) -> None:
    """Raises Invalid where `asker` may not ask for this service, or not in this `area`."""
    found = catalogue.service(details["service"]) if kind == SERVICE else None
    if found is None or found.asked_by == EVERYBODY:
        return
    if found.asked_by == OF_AREA and not (area or "").startswith(found.area_code):
        raise Invalid(Fault("place", "not_served", (("area", found.area_code),)))
    if found.asked_by == IN_NEED and details.get("states_need") is not True:
        raise Invalid(Fault("details.states_need", "need_unstated"))
    if found.asked_by == MEMBERS and not accounts.is_member(asker):
        raise Invalid(Fault("details.service", "members_only"))


def note(submission_id: str, kind: str, details: dict[str, Any], fresh: bool = False) -> None:
    """Keep what the list says of the service that a submission asks for, in the open transaction.

    Where it asks for the same as before, that stays; `fresh` is one that has asked for nothing yet.
    """
    code = details.get("service") if kind == SERVICE else None
    held = None if fresh else promised(submission_id)
    if held is not None and held.service == code:
        return
    if held is not None:
        execute(_DROPPED, {"of": submission_id})
    listed = catalogue.service(code) if code else None
    if listed is not None:
        said = {"service": code, "limit_value": listed.limit_value, "clock": listed.clock}
        add(_NEW, {"submission_id": submission_id, "promised_by": None} | said)


def promised(submission_id: str) -> AnyRow | None:
    """What was promised, with what the service is called and the unit that does it; None for what asks for none."""
    return one(_ONE, {"submission": submission_id})


def promise(submission_id: str, until: datetime) -> None:
    """It is accepted: by then it is to be done."""
    with transaction():
        execute(_KEPT, {"of": submission_id, "until": until})


def shown(kind: str, submission_id: str) -> dict[str, Any]:
    """What a submission of this kind, or its receipt, says of the service besides all else; nothing for other kinds."""
    found = promised(submission_id) if kind == SERVICE else None
    if found is None:
        return {}
    names = ("name_zh", "name_en", "limit_value", "clock", "promised_by")
    return {"service": {"code": found.service} | {name: getattr(found, name) for name in names}}
