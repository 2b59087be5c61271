"""A unit's ledger is public: answers by class, promises kept and broken, what independent raters say, each with n."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from participate.cases.commitments.models import Commitment
from participate.cases.figures import counting
from participate.cases.figures.recounting import recount
from participate.catalogue import queries as catalogue
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import execute, transaction
from tests.cases.test_a_commitment_is_kept_or_missed import act, deliver, pass_its_day, postpone
from tests.cases.test_figures_are_told_by_kind import answered, given_to_unit, unit_id
from tests.cases.test_figures_tell_what_became_of_cases import mark
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way

PLANNED = "计划于明年三月前在北门路口增设减速带两处，由市政养护处负责，届时请附近居民监督。"


def ledger(way: Way, query: str = "", of: str = "") -> dict[str, Any]:
    answer = way.people.nobody().get(f"/v1/units/{of or unit_id()}/ledger{query}")
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def count(*changes: dict[str, Any]) -> None:
    """Cases of a unit, of May unless said otherwise."""
    sums = Counter[counting.Key]()
    for each in changes:
        sums.update(counting.counted(mark(**{"unit": unit_id()} | each)))
    with transaction():
        counting.write(sums)


def promised(way: Way) -> tuple[Person, dict[str, Any]]:
    submission = way.accepted()
    handler = given_to_unit(way, submission)
    asked = {"note": PLANNED, "answer_class": "B", "due_at": (now() + timedelta(days=10)).isoformat()}
    answer = way.act(handler, submission, "resolve", **asked)
    assert answer.status_code == 200, answer.get_json()
    (made,) = way.people.nobody().get(f"/v1/commitments?submission_id={submission}").get_json()["items"]
    return handler, made


def test_answers_are_told_by_class_with_their_number(way: Way) -> None:
    answered(way, "micro_service", "C")
    answered(way, "micro_service", "D")
    found = ledger(way)
    assert found["answers"] == 2
    assert [(each["answer_class"], each["count"], each["n"], each["share"]) for each in found["classes"]] == [
        ("A", 0, 2, None), ("B", 0, 2, None), ("C", 1, 2, None), ("D", 1, 2, None),
    ]  # fmt: skip
    assert recount(check=True) == 0
    count(*[{"answer_class": "A"} for _ in range(6)], *[{"answer_class": "B"} for _ in range(2)])
    found = ledger(way, "?since=2026-05&until=2026-05")
    assert [each["share"] for each in found["classes"]] == [0.75, 0.25, 0.0, 0.0]


def test_of_few_no_share_is_told(way: Way) -> None:
    count(*[{} for _ in range(4)])
    found = ledger(way, "?since=2026-05&until=2026-05")
    assert found["answered_in_time"] == {"count": 4, "n": 4, "share": None}
    count({"late": True})
    found = ledger(way, "?since=2026-05&until=2026-05")
    assert found["answered_in_time"] == {"count": 4, "n": 5, "share": 0.8}


def test_months_with_few_ratings_are_in_no_share_so_that_no_two_periods_tell_of_one_rater(way: Way) -> None:
    june = {"closed_at": datetime(2026, 6, 20, tzinfo=UTC), "satisfaction": 1}
    count(*[{} for _ in range(5)], *[{"satisfaction": 1} for _ in range(5)], june, june)
    alone, with_june = ledger(way, "?since=2026-05&until=2026-05"), ledger(way, "?since=2026-05&until=2026-06")
    assert alone["satisfaction"] == with_june["satisfaction"] == {"count": 5, "n": 10, "share": 0.5}
    assert (alone["ratings"], with_june["ratings"]) == (10, 12)
    assert ledger(way, "?since=2026-06&until=2026-06")["satisfaction"] == {"count": 0, "n": 0, "share": None}


def test_only_independent_raters_count_and_nothing_that_is_sealed(way: Way) -> None:
    count(*[{"independent": False, "satisfaction": 5} for _ in range(6)], *[{"satisfaction": 1} for _ in range(5)])
    count(*[{"kind": "micro_supervision"} for _ in range(7)])
    found = ledger(way, "?since=2026-05&until=2026-05")
    assert (found["satisfaction"], found["ratings"]) == ({"count": 0, "n": 5, "share": 0.0}, 5)
    assert (found["answers"], found["answered_in_time"]["n"]) == (11, 11)


def test_promises_are_kept_or_broken_and_what_was_broken_stays_so(way: Way, clock: HeldClock) -> None:
    (handler, kept), (_, broken), (_, later) = promised(way), promised(way), promised(way)
    period = f"?since={now():%Y-%m}&until={now() + timedelta(days=60):%Y-%m}"
    assert ledger(way, period)["promises"] == {"kept": {"count": 0, "n": 0, "share": None}, "broken": 0, "postponed": 0}
    assert deliver(way, handler, kept).status_code == 200
    assert postpone(way, handler, later).status_code == 200
    pass_its_day(way, clock)
    found = ledger(way, period)["promises"]
    assert (found["kept"]["count"], found["kept"]["n"], found["broken"], found["postponed"]) == (1, 2, 1, 1)
    assert (
        act(way, handler, broken, "deliver", note="减速带已装好。", photo_ids=[way.photo(handler)]).status_code == 200
    )
    assert ledger(way, period)["promises"] == found, "late is not kept"
    with transaction():  # What is not public is in no public number.
        execute(update(Commitment).where(Commitment.id == broken["id"]).values(public=False))
    assert ledger(way, period)["promises"]["broken"] == 0


def test_each_unit_has_its_own_and_without_a_period_the_last_year_is_told(way: Way) -> None:
    answered(way, "micro_service")
    other = str(catalogue.units(2)["items"][1]["id"])
    assert (ledger(way)["answers"], ledger(way, of=other)["answers"]) == (1, 0)
    assert ledger(way)["unit"]["name"]
    month = f"{now().astimezone(settings().timezone):%Y-%m}"
    assert (ledger(way)["until"], ledger(way)["since"][5:]) == (month, f"{int(month[5:]) % 12 + 1:02d}")


@pytest.mark.parametrize(
    "query",
    ["since=2026-13", "since=2026-05-01", "since=2026-05&until=2026-04", "since=2020-01&until=2026-01", "until=x"],
)
def test_what_makes_no_sense_is_said(way: Way, query: str) -> None:
    assert way.people.nobody().get(f"/v1/units/{unit_id()}/ledger?{query}").status_code == 422
    assert way.people.nobody().get("/v1/units/019aafc3-7c00-7000-8000-000000000001/ledger").status_code == 404
