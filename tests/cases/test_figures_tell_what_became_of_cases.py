"""The figures: what is counted of each case, as it stands in the rows, for an area, a unit or a person."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from participate.audit.models import AuditEntry
from participate.cases.figures import counting, queries, recounting
from participate.cases.figures.models import CaseFigure, CaseMark, KindFigure
from participate.cases.models import Case
from participate.catalogue import queries as catalogue
from participate.kernel.auth import Caller, Grant
from participate.kernel.clock import now
from participate.kernel.db import execute, rows, table, transaction
from participate.kernel.ids import new_id
from participate.kernel.workflow import TimelineEntry
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of

MAY = datetime(2026, 5, 12, 4, tzinfo=UTC)
YEAR = "since=2026-01-01&until=2026-12-31"


def period() -> str:
    """The days around the present."""
    days = [(now() + timedelta(days=ahead)).date() for ahead in (-30, 330)]
    return f"since={days[0]}&until={days[1]}"


def told(who: Person, of: str, when: str = "") -> dict[str, Any]:
    answer = who.get(f"/v1/figures?{of}&{when or period()}")
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def mark(**changes: Any) -> SimpleNamespace:
    """A case of May that was answered after a day, in time, and closed with a good rating."""
    flags = dict.fromkeys(("late", "overtaken", "cancelled", "excluded", "part", "adopted", "converted"), False)
    counts = dict.fromkeys(("reworks", "objections", "extensions", "urgings", "reopenings", "stock"), 0)
    times = {"filed_at": MAY, "taken_at": MAY, "replied_at": MAY + timedelta(days=1), "due_at": MAY + timedelta(days=3)}
    said = {"closed_at": MAY + timedelta(days=9), "resolved": True, "satisfaction": 5}
    whose = {
        "area": "990101001001",
        "unit": None,
        "person": new_id(),
        "found": None,
        "independent": True,
        "relayed": False,
    }
    counts |= {"replies": 1}
    whose |= {"kind": "snap_report", "answer_class": "A"}
    return SimpleNamespace(**(flags | counts | times | said | whose | changes))


def count(*marks: SimpleNamespace) -> None:
    sums = Counter[counting.Key]()
    for each in marks:
        sums.update(counting.counted(each))
    with transaction():
        counting.write(sums)


def test_published_figures_come_out_as_published(way: Way) -> None:
    """996 were filed and 972 of them due within the year; of these 911 were closed, and 737 in time."""
    later = {"due_at": MAY + timedelta(days=300), "replied_at": None, "closed_at": None}
    open_ones = {"replied_at": None, "closed_at": None}
    count(
        *[mark() for _ in range(737)],
        *[mark(replied_at=MAY + timedelta(days=4)) for _ in range(100)],
        *[mark(reopenings=1) for _ in range(50)],
        *[mark(late=True) for _ in range(911 - 737 - 150)],
        *[mark(**open_ones) for _ in range(972 - 911)],
        *[mark(**later) for _ in range(996 - 972)],
    )
    found = told(way.supervisor, "area=990101", YEAR)
    counts, rates = found["counts"], found["rates"]
    assert [counts[name] for name in ("filed", "due", "closed", "on_time")] == [996, 972, 911, 737]
    assert (rates["closed_rate"], rates["on_time_rate"]) == (0.9372, 0.7582)
    assert told(way.supervisor, "area=990101", "since=2026-01-01&until=2026-05-01")["rates"]["on_time_rate"] is None


def test_a_period_is_the_sum_of_its_parts_wherever_it_is_cut(way: Way) -> None:
    """Whole months are read as such, and the days before and after one by one."""
    count(*[mark(filed_at=MAY + timedelta(days=days), due_at=MAY + timedelta(days=2 * days)) for days in range(90)])
    of = {"area": "990101"}
    caller = Caller(new_id(), grants=(Grant("auditor", ""),))

    def counted(first: date, last: date) -> Counter[str]:
        return Counter(queries.figures(caller, of, first, last)["counts"])

    whole = counted(date(2026, 5, 1), date(2026, 12, 31))
    assert (whole["filed"], whole["due"]) == (90, 90)
    for cut in (date(2026, 5, 31), date(2026, 6, 1), date(2026, 6, 30), date(2026, 7, 17)):
        parts = counted(date(2026, 5, 12), cut) + counted(cut + timedelta(days=1), date(2026, 12, 30))
        assert parts == whole, cut
        assert counted(cut, cut)["filed"] == 1


def test_half_of_them_took_so_long(way: Way) -> None:
    """Quartiles are told from classes: not further off than a class is wide."""
    took = [7 * minutes + 20 for minutes in range(400)]
    count(*[mark(replied_at=MAY + timedelta(minutes=minutes)) for minutes in took])
    found = told(way.supervisor, "area=990101001001", YEAR)["minutes_to_reply"]
    for name, exact in (("q1", took[100]), ("median", took[200]), ("q3", took[300])):
        assert found[name] == pytest.approx(exact, rel=0.2)
    assert told(way.supervisor, "area=990101001002", YEAR)["minutes_to_reply"] == {
        "q1": None,
        "median": None,
        "q3": None,
    }


def test_what_submitters_say_counts_but_for_what_is_excluded_and_silence_is_no_praise(way: Way) -> None:
    count(
        *[mark(), mark(satisfaction=4), mark(satisfaction=2), mark(resolved=False, satisfaction=1)],
        *[mark(resolved=None, satisfaction=None), mark(excluded=True, satisfaction=1)],
    )
    found = told(way.supervisor, "area=990101", YEAR)
    assert {name: found["counts"][name] for name in ("rated", "unrated", "excluded")} == {
        **{"rated": 4, "unrated": 1, "excluded": 1}
    }
    assert (found["rates"]["resolution_rate"], found["rates"]["satisfaction_rate"]) == (0.75, 0.5)


def closed(way: Way, satisfaction: int = 5) -> str:
    submission = way.answered()
    way.move(way.author, submission, "rate", resolved=True, satisfaction=satisfaction)
    return submission


def walked(way: Way) -> None:
    """Cases of every fate."""
    closed(way)
    closed(way, 2)
    again = closed(way, 3)
    way.move(way.author, again, "reopen", note="It is broken again.")
    reworked = way.resolved()
    way.act(way.supervisor, reworked, "rework", note="Not level.")
    way.act(way.officer, way.accepted(), "object", note="Not ours.")
    way.act(way.officer, way.started(), "escalate", note="Too deep for us.")
    way.act(way.supervisor, way.started(), "urge", note="How does it stand?")
    way.move(way.author, way.accepted(), "withdraw")


def test_figures_are_what_the_timeline_tells(way: Way) -> None:
    walked(way)
    held = TimelineEntry
    steps = Counter(row.move for row in rows(select(held.move).where(held.subject_type == "case")))
    counts = told(way.supervisor, "area=990101")["counts"]
    assert counts["filed"] == steps["file"] - steps["cancel"] == counts["due"]
    assert counts["closed"] == steps["close"] - steps["reopen"] == counts["on_time"] == 2
    assert (counts["reworked"], counts["objected"], counts["urged"], counts["reopened"]) == (1, 1, 1, 1)
    assert counts["replied"] == 4
    assert counts["taken_in_time"] == steps["accept"]
    assert (counts["rated"], counts["satisfied"], counts["said_resolved"]) == (2, 1, 2)
    levels = told(way.supervisor, "area=990101")["levels"]
    assert sum(level["times"] for level in levels) > 0
    # Whose it is, or was last.
    officer = told(way.officer, f"person={way.officer.account_id}")["counts"]
    assert officer["filed"] == counts["filed"]
    assert officer["closed"] == 2


def test_a_recount_finds_what_is_wrong_and_puts_it_right(way: Way) -> None:
    walked(way)
    before = told(way.supervisor, "area=990101")
    assert recounting.recount(check=True) == 0
    held = table(CaseFigure)
    with transaction():
        execute(update(held).where(held.c.measure == "filed").values(n=held.c.n + 7))
        execute(held.delete().where(held.c.measure == "due"))
    wrong = recounting.recount(check=True)
    assert wrong > 0
    assert recounting.recount() == wrong
    assert recounting.recount(check=True) == 0
    assert told(way.supervisor, "area=990101") == before


def test_what_there_was_before_there_were_figures_is_counted_once(way: Way) -> None:
    walked(way)
    before = told(way.supervisor, "area=990101")
    with transaction():
        execute(table(CaseFigure).delete())
    assert recounting.begin() > 0
    assert recounting.begin() == 0
    assert told(way.supervisor, "area=990101") == before
    with transaction():
        for each in (CaseFigure, KindFigure, CaseMark):
            execute(table(each).delete())
    assert recounting.begin() == 0
    # A case that the release before has opened beside this one is counted from its next move on.
    way.act(way.dispatcher, way.accepted(), "reassign", to={"assignee": way.officer.account_id}, note="Still yours.")
    assert recounting.recount(check=True) == 0


def test_a_case_is_excluded_by_a_supervisor_who_did_not_do_it_with_a_reason(way: Way) -> None:
    submission = closed(way, 1)
    assert told(way.supervisor, "area=990101")["counts"]["rated"] == 1
    for who in (way.officer, way.dispatcher, way.people.staff("auditor")):
        assert code_of(way.act(who, submission, "exclude", note="It was about the buses.")) == (403, "move_not_yours")
    assert code_of(way.act(way.supervisor, submission, "exclude")) == (422, "invalid")
    assert way.act(way.supervisor, submission, "exclude", note="It was about the buses.").status_code == 200
    found = told(way.supervisor, "area=990101")
    assert (found["counts"]["rated"], found["counts"]["excluded"]) == (0, 1)
    assert found["rates"]["satisfaction_rate"] is None
    assert way.act(way.supervisor, submission, "include", note="It was not.").status_code == 200
    assert told(way.supervisor, "area=990101")["counts"]["rated"] == 1
    assert recounting.recount(check=True) == 0


def test_what_is_taken_out_or_put_back_is_so_once(way: Way) -> None:
    submission, note = closed(way, 1), {"note": "It was about the buses."}
    path = f"/v1/cases/{way.case(submission)}"
    others = [way.people.staff("supervisor") for _ in range(2)]
    for move, again, before in (("exclude", "excluded_already", ["exclude"]), ("include", "not_excluded", ["include"])):
        assert others[0].get(path).get_json()["moves"] == before
        at = [partial(who.post, f"{path}/moves", {"move": move} | note) for who in others]
        assert sorted(answer.status_code for answer in at_once(*at)) == [200, 409]
        assert code_of(way.act(others[0], submission, move, **note)) == (409, again)
    trail = rows(select(AuditEntry.action, AuditEntry.reason).where(AuditEntry.subject_id == way.case(submission)))
    assert sorted(tuple(row) for row in trail) == [(f"case.{done}", note["note"]) for done in ("excluded", "included")]
    with transaction():  # As one that was closed before the case itself knew of it.
        execute(update(Case).values(excluded=None))
    assert others[0].get(path).get_json()["moves"] == ["exclude", "include"]
    assert code_of(way.act(others[0], submission, "include", **note)) == (409, "not_excluded")
    assert way.act(others[0], submission, "exclude", **note).status_code == 200
    assert recounting.recount(check=True) == 0


def test_those_who_watch_read_and_nobody_else(way: Way) -> None:
    unit = str(catalogue.units(1)["items"][0]["id"])
    handler, other = way.people.staff("handler", unit=unit), way.people.staff("grid_officer", f"{way.cell[:12]}999")
    abroad, everywhere = way.people.staff("supervisor", "990102"), way.people.staff("auditor", "")
    street = f"area={way.cell[:9]}"
    person, of_unit = f"person={way.officer.account_id}", f"unit={unit}"
    may = {
        (way.supervisor, street), (way.dispatcher, street), (way.officer, person), (way.supervisor, person),
        (handler, of_unit), (everywhere, of_unit), (everywhere, street), (everywhere, "area="), (everywhere, person),
    }  # fmt: skip
    for who in (way.supervisor, way.dispatcher, way.officer, handler, other, abroad, everywhere):
        for of in (street, person, of_unit, "area="):
            expected = 200 if (who, of) in may or (who is way.dispatcher and of == person) else 404
            assert who.get(f"/v1/figures?{of}&{YEAR}").status_code == expected, of
    assert way.author.get(f"/v1/figures?{street}&{YEAR}").status_code == 403
    assert way.people.nobody().get(f"/v1/figures?{street}&{YEAR}").status_code == 401


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (f"area=99&{YEAR}", "area"),
        (YEAR, "area"),
        (f"area=990101&unit=019aafc3-7c00-7000-8000-000000000001&{YEAR}", "area"),
        ("area=990101&since=2026-05-01&until=2026-04-30", "until"),
        ("area=990101&since=2024-01-01&until=2026-01-01", "until"),
        ("area=990101&since=today&until=2026-01-01", "since"),
        (f"unit=x&{YEAR}", "unit"),
    ],
)
def test_what_makes_no_sense_is_said(way: Way, query: str, field: str) -> None:
    answer = way.supervisor.get(f"/v1/figures?{query}")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.get_json()["errors"]] == [field]


def test_what_moves_before_the_old_is_counted_does_not_keep_it_from_being_counted(way: Way) -> None:
    walked(way)
    with transaction():
        execute(table(CaseFigure).delete())
    way.accepted()  # After the upgrade, and before the worker keeps house for the first time.
    assert recounting.begin() > 0
    assert recounting.begin() == 0
    assert recounting.recount(check=True) == 0
    assert told(way.supervisor, "area=990101")["counts"]["filed"] == 8


def test_what_was_taken_out_is_one_rating_and_not_all_that_follow(way: Way) -> None:
    submission = closed(way, 1)
    assert way.act(way.supervisor, submission, "exclude", note="It was about the buses.").status_code == 200
    way.move(way.author, submission, "reopen", note="It is broken again.")
    way.act(way.officer, submission, "start")
    way.resolve(submission)
    way.act(way.supervisor, submission, "verify")
    way.move(way.author, submission, "rate", resolved=True, satisfaction=5)
    counts = told(way.supervisor, "area=990101")["counts"]
    assert (counts["rated"], counts["excluded"]) == (1, 0)


def test_who_says_it_is_not_resolved_has_said_so_though_the_answer_stands(way: Way) -> None:
    submission = way.answered()
    for _ in range(2):
        way.move(way.author, submission, "rate", resolved=False, satisfaction=1)
        way.act(way.officer, submission, "start")
        way.resolve(submission)
        way.act(way.supervisor, submission, "verify")
    way.move(way.author, submission, "rate", resolved=False, satisfaction=1)
    decides = way.people.staff("supervisor")
    assert way.act(decides, submission, "uphold", note="It lies level, as was measured.").status_code == 200
    found = told(way.supervisor, "area=990101")
    assert (found["counts"]["rated"], found["counts"]["unrated"]) == (1, 0)
    assert found["rates"]["resolution_rate"] == 0


def test_nobody_takes_out_what_they_said_themselves(way: Way) -> None:
    way.author = way.people.staff("supervisor")
    refused = way.act(way.author, closed(way, 1), "exclude", note="I was cross that day.")
    assert code_of(refused) == (409, "own_submission")


def test_who_also_works_for_a_unit_is_not_read_by_those_who_watch_the_area_alone(way: Way) -> None:
    unit = str(catalogue.units(1)["items"][0]["id"])
    both = way.people.staff_with(Grant("grid_officer", way.cell), Grant("handler", unit=unit))
    assert way.supervisor.get(f"/v1/figures?person={both.account_id}&{YEAR}").status_code == 404
    assert both.get(f"/v1/figures?person={both.account_id}&{YEAR}").status_code == 200


def test_what_is_taken_on_too_late_but_before_the_sweep_comes_is_too_late(way: Way, clock: HeldClock) -> None:
    submission = way.accepted()
    clock.forward(hours=3)  # Two hours of work are given to accept.
    assert way.act(way.officer, submission, "accept").status_code == 200
    assert told(way.supervisor, "area=990101")["counts"]["taken_in_time"] == 0


def test_passing_it_up_before_the_sweep_comes_makes_good_for_no_lost_time(way: Way, clock: HeldClock) -> None:
    city, crew = way.people.staff("dispatcher", "9901"), way.people.staff("handler", way.cell[:9])
    for n, days in enumerate((0, 30), start=1):
        submission = way.started()
        clock.forward(days=days)
        assert way.act(way.officer, submission, "escalate", note="Too deep for us.").status_code == 200
        way.act(city, submission, "dispatch", to={"assignee": crew.account_id})
        way.act(crew, submission, "accept")
        way.act(crew, submission, "start")
        shown = {"photo_ids": [way.photo(crew)]}
        assert way.act(crew, submission, "resolve", note="Filled in.", **shown).status_code == 200
        assert way.act(way.people.staff("supervisor", "9901"), submission, "verify").status_code == 200
        assert way.move(way.author, submission, "rate", resolved=True, satisfaction=5).status_code == 200
        counts = told(way.supervisor, "area=990101")["counts"]
        assert (counts["closed"], counts["on_time"]) == (n, 1), "the first alone was in time"
    assert recounting.recount(check=True) == 0
