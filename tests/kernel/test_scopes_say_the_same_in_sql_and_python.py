"""Which rows a caller reaches: the query filter and the roles held towards a row agree, whatever is granted."""

from itertools import product

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from participate.accounts.models import ROLES
from participate.kernel.auth import Caller, Grant
from participate.kernel.clock import now
from participate.kernel.db import rows, transaction
from participate.kernel.ids import new_id, new_receipt, new_reference
from participate.kernel.scopes import in_scope, roles_for
from participate.submissions.models import Submission
from tests.people import People

CODES = ["99", "9901", "990101", "990102", "990101001", "990101002", "990101001001", "990101001001001", "43", "4301"]
UNITS = [new_id(), new_id()]
PLACES = list(product([None, *CODES], [None, *UNITS]))

granted = st.one_of(
    st.builds(Grant, st.sampled_from(ROLES), st.sampled_from(["", *CODES])),
    st.builds(lambda role, unit: Grant(role, None, unit), st.sampled_from(ROLES), st.sampled_from(UNITS)),
)
callers = st.lists(granted, max_size=4).map(lambda grants: Caller(new_id(), new_id(), tuple(grants)))


@pytest.fixture
def placed(app: Flask, people: People) -> Flask:
    """One row in each area, with each unit."""
    common = {
        "kind": "micro_suggestion",
        "state": "received",
        "version": 1,
        "author_id": people.resident().account_id,
        "anonymous": False,
        "body": "More benches.",
        "details": {},
        "place_source": "none",
        "created_at": now(),
        "updated_at": now(),
    }
    made = [
        common | {"id": new_id(), "reference": new_reference(), "receipt": new_receipt(), "area": area, "unit": unit}
        for area, unit in PLACES
    ]
    with transaction() as session:
        session.execute(insert(Submission), made)
    return app


def reached(caller: Caller, roles: frozenset[str], by_unit: bool) -> set[tuple[str | None, str | None]]:
    held = Submission
    scope = in_scope(caller, roles, held.area, held.unit if by_unit else None)
    return {(row.area, row.unit) for row in rows(select(held.area, held.unit).where(scope))}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(caller=callers, roles=st.frozensets(st.sampled_from(ROLES), max_size=4), by_unit=st.booleans())
def test_they_agree(placed: Flask, caller: Caller, roles: frozenset[str], by_unit: bool) -> None:
    expected = {(area, unit) for area, unit in PLACES if roles & roles_for(caller, area, unit if by_unit else None)}
    assert reached(caller, roles, by_unit) == expected


def test_a_role_reaches_what_lies_below_and_nothing_beside(placed: Flask) -> None:
    caller = Caller(new_id(), new_id(), (Grant("grid_officer", "990101001"),))
    found = {area for area, _ in reached(caller, frozenset({"grid_officer"}), False)}
    assert found == {"990101001", "990101001001", "990101001001001"}


@pytest.mark.parametrize(("role", "sees"), [("moderator", True), ("dispatcher", True), ("grid_officer", False)])
def test_what_lies_nowhere_is_seen_by_the_desks(placed: Flask, role: str, sees: bool) -> None:
    caller = Caller(new_id(), new_id(), (Grant(role, "4301"),))
    assert ((None, None) in reached(caller, frozenset({role}), False)) is sees


def test_who_holds_nothing_reaches_nothing(placed: Flask) -> None:
    assert reached(Caller(new_id(), new_id()), frozenset(ROLES), True) == set()
