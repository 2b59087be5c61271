"""The two databases, filled, and the service on each of them."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, text, update

from bench.big.city import BIG, CITY, SMALL
from bench.big.drafts import OFFICERS, UNITS
from bench.big.fill import fill, officer_ids
from bench.big.lists import Service
from bench.ours import errors_to
from bench.stores import database
from participate.accounts.service import create_staff, sign_in
from participate.app import create_app
from participate.catalogue import queries as catalogue
from participate.catalogue.service import seed_starter
from participate.cli.migrations import upgrade
from participate.config import from_environment
from participate.consultations.models import Statement
from participate.consultations.service import opened
from participate.kernel.auth import Grant
from participate.kernel.clock import now, rfc3339
from participate.kernel.db import db, execute, rows, table, transaction
from participate.kernel.ids import new_id, new_receipt
from participate.submissions.models import Submission
from participate.submissions.nameless.receipts import kept

MANY, FEW = 1_000_000, 10_000
_STATEMENTS = 100  # of a consultation, and so many suggestions of a member
_PASSWORD = "made-and-thrown-away"
_READERS = {
    "author": Grant("resident", ""),
    "moderator of the city": Grant("moderator", CITY),
    "moderator of a small district": Grant("moderator", SMALL),
    "head of the city's desk": Grant("desk_head", CITY),
    "head of a small district's desk": Grant("desk_head", SMALL),
    "officer": Grant("grid_officer", f"{BIG}001001001"),
    "administrator of the city": Grant("admin", CITY),
    "administrator of a small district": Grant("admin", SMALL),
    "dispatcher of the city": Grant("dispatcher", CITY),
    "dispatcher of a small district": Grant("dispatcher", SMALL),
    "supervisor": Grant("supervisor", CITY),
    "member": Grant("member", ""),
}


@contextmanager
def cities(folder: Path, *counts: int) -> Iterator[list[Service]]:
    """The service on a filled PostgreSQL database for each of `counts`. Raises NoServer."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(errors_to(folder / "log"))
        yield [stack.enter_context(_city(folder / str(count), count)) for count in counts]


@contextmanager
def _city(folder: Path, count: int) -> Iterator[Service]:
    folder.mkdir(parents=True)
    with database("postgresql", folder) as url:
        app = create_app(settings(url, folder))
        with app.app_context():
            upgrade()
            made = _filled(app, url, count)
        yield made
        with app.app_context():
            db.engine.dispose()


def settings(url: str, folder: Path) -> Any:
    return from_environment(
        {
            "PARTICIPATE_DATA_DIR": str(folder),
            "DATABASE_URL": url,
            "MEDIA_URL": str(folder / "uploads"),
            "PARTICIPATE_DEMO": "on",
            "PARTICIPATE_RATE_LIMITS": "off",
        }
    )


def _filled(app: Flask, url: str, count: int) -> Service:
    seed_starter()
    units = [str(unit["id"]) for unit in catalogue.units(UNITS)["items"]]
    readers = _READERS | {"handler": Grant("handler", None, units[0])}
    accounts = {reader: create_staff(reader, _PASSWORD, reader, [grant]) for reader, grant in readers.items()}
    officers = [accounts["officer"], *officer_ids(OFFICERS - 1)]
    categories = [str(found["code"]) for found in catalogue.categories(50)["items"]]
    began = time.monotonic()
    fill(url, count, accounts["author"], categories, units, officers)
    print(f"{count:,} submissions filled in {time.monotonic() - began:.0f} s")
    tokens = {reader: sign_in(reader, _PASSWORD)["access_token"] for reader in accounts}
    made = {"consultation": _debated(accounts["author"]), "member": _in_office(accounts["member"])}
    return Service(app, tokens | {"": ""}, _names(categories) | made)


def _in_office(member_id: str) -> str:
    """The member takes charge of as many suggestions in each city."""
    held = table(Submission)
    some = select(held.c.id).where(held.c.public, held.c.kind == "micro_suggestion").limit(_STATEMENTS)
    with transaction():
        execute(update(held).where(held.c.id.in_(some)), {"adopted_by": member_id})
    return member_id


def _debated(author_id: str) -> str:
    """A consultation with as many statements in each city; returns its id."""
    found = str(rows(text("SELECT id FROM submissions WHERE public AND kind = 'micro_consultation' LIMIT 1"))[0][0])
    opened(found)
    stated = {"consultation_id": found, "author_id": author_id, "text": "Lights out at ten.", "state": "shown"}
    counted = {"version": 2, "agrees": 0, "disagrees": 0, "passes": 0, "extremity": 0.0, "created_at": now()}
    with transaction():
        execute(insert(table(Statement)), [stated | counted | {"id": new_id()} for _ in range(_STATEMENTS)])
    return found


def _held_by_receipt(submission_id: str) -> str:
    """The receipt of this one, as though it had come without an account."""
    receipt = new_receipt()
    with transaction():
        execute(update(table(Submission)).where(table(Submission).c.id == submission_id), {"receipt": kept(receipt)})
    return receipt


def _names(categories: list[str]) -> dict[str, str]:
    """What the lists' addresses name that is another in each database."""
    asked = {
        "submission": "SELECT id FROM submissions WHERE public AND state = 'closed' LIMIT 1",
        # Where one is open, and the station is not near: how many lie there besides is not the same in both.
        "street": "SELECT 'lat=' || lat || '&lon=' || lon FROM submissions WHERE public AND state <> 'closed'"
        " AND lat > 28.1 ORDER BY id DESC LIMIT 1",
        "task": "SELECT id FROM moderation_tasks WHERE state = 'waiting' LIMIT 1",
        "case": "SELECT id FROM cases WHERE state = 'closed' AND kind = 'snap_report' AND area IS NOT NULL LIMIT 1",
        "supervision": "SELECT id FROM submissions WHERE kind = 'micro_supervision' AND state = 'closed' LIMIT 1",
        "unmasked": "SELECT subject_id FROM audit_entries LIMIT 1",
    }
    found = {name: str(rows(text(question))[0][0]) for name, question in asked.items()}
    found["receipt"] = _held_by_receipt(found["supervision"])
    moments = {"lately": now() - timedelta(days=1), "just_now": now()}
    since = {name: rfc3339(moment).replace("+", "%2B") for name, moment in moments.items()}
    return found | since | {"category": categories[0], "rare_category": categories[-1]}
