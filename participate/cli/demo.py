"""The demo: a synthetic district, a catalogue, and an account of each role, around any place on earth."""

import json

from sqlalchemy import select

from participate.accounts.models import ROLES
from participate.accounts.queries import has_login
from participate.accounts.service import create_resident, create_staff, opened_by
from participate.catalogue import queries as catalogue
from participate.catalogue import service as catalogue_service
from participate.config import Settings
from participate.kernel.auth import Grant
from participate.kernel.db import rows, transaction
from participate.places import service as places
from participate.places.locate import locate
from participate.places.models import Area

AROUND = (28.2282, 112.9388)  # Where the sample photo is taken.
DISTRICT = "990101"
ACCOUNTS_FILE = "demo-accounts.json"
DEPUTY = "grid_officer1"
PASSWORD = "participate-demo"  # noqa: S105 - printed at every start, for the demo alone
_PRIVATE = 0o600  # It holds passwords.
PHONES = ("+8613800000001", "+8613800000002")


def seed(settings: Settings, around: tuple[float, float] = AROUND) -> None:
    """Lay the demo; a second time what is there stays, and what a start that was cut short has left out is added."""
    places.seed_demo_areas(*around)
    catalogue_service.seed_calendar()
    catalogue_service.seed_starter()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    path = settings.data_dir / ACCOUNTS_FILE
    if path.exists():
        path.chmod(_PRIVATE)
        return
    with transaction():
        entries = _residents() + _staff() + _officers(around)
    part = path.with_suffix(".part")
    part.touch(_PRIVATE)
    part.write_text(json.dumps(entries, ensure_ascii=False, indent=1))
    part.replace(path)


def _residents() -> list[dict[str, object]]:
    for phone in PHONES:
        create_resident(phone)
    return [{"role": "resident", "phone": phone, "scope": {"area": ""}} for phone in PHONES]


def staff_opened() -> list[str]:
    """The accounts of a demo that are still there with the password that everybody knows."""
    return opened_by(PASSWORD, [f"{name}{number}" for name in (*ROLES, "officer") for number in range(1, 10)])


def _staff() -> list[dict[str, object]]:
    unit = str(catalogue.units(1, area=DISTRICT)["items"][0]["id"])
    wanted = [
        ("moderator1", Grant("moderator", DISTRICT)),
        ("moderator2", Grant("moderator", DISTRICT)),
        ("desk_head1", Grant("desk_head", DISTRICT)),
        ("dispatcher1", Grant("dispatcher", DISTRICT)),
        ("handler1", Grant("handler", None, unit)),
        ("supervisor1", Grant("supervisor", DISTRICT)),
        ("supervisor2", Grant("supervisor", DISTRICT)),
        ("member1", Grant("member", DISTRICT)),
        ("member2", Grant("member", DISTRICT)),
        ("evaluator1", Grant("evaluator", DISTRICT)),
        ("auditor1", Grant("auditor", DISTRICT)),
        ("admin1", Grant("admin", "")),
    ]
    return [_account(username, grant) for username, grant in wanted]


def _officers(around: tuple[float, float]) -> list[dict[str, object]]:
    """One for each cell, the centre's first and then its neighbours, so that any photo of the district finds one.

    At last one of all cells, who can stand in for each of them.
    """
    cells = [row.code for row in rows(select(Area.code).where(Area.level == "cell").order_by(Area.code))]
    centre = locate(*around).cell or cells[0]
    position = cells.index(centre)
    ordered = sorted(cells, key=lambda cell: abs(cells.index(cell) - position))
    officers = [_account(f"officer{n}", Grant("grid_officer", cell)) for n, cell in enumerate(ordered, 1)]
    return [*officers, _account(DEPUTY, Grant("grid_officer", DISTRICT))]


def _account(username: str, grant: Grant) -> dict[str, object]:
    if not has_login(username):
        create_staff(username, PASSWORD, username, [grant])
    scope = {"unit": grant.unit} if grant.unit else {"area": grant.area}
    return {"role": grant.role, "username": username, "password": PASSWORD, "scope": scope}
