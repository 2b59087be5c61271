"""The figures of one kind: answered in time, how long it took, stock phrases refused, suggestions taken up."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select, update

from participate.cases.figures import recounting
from participate.cases.figures.counting import COUNTED_KINDS
from participate.cases.figures.models import CaseFigure, CaseMark, KindFigure
from participate.catalogue import queries as catalogue
from participate.catalogue.models import Unit
from participate.kernel.auth import Grant
from participate.kernel.db import db, execute, rows, table, transaction
from participate.kernel.ids import new_id
from participate.kernel.workflow import TimelineEntry
from tests.cases.test_figures_tell_what_became_of_cases import period, told
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of

GOOD = "11月20日已对北门路口增设减速带两处并补划斑马线，经复查车速明显下降，后续由养护队每月巡查。"
STOCK = "您反映的问题已收悉，已转交相关部门处理，感谢您对我们工作的支持，请耐心等待！"
AREA = "area=990101"


def of_kind(way: Way, kind: str, of: str = AREA) -> dict[str, Any]:
    return told(way.people.staff("auditor", ""), f"{of}&kind={kind}")


def unit_id() -> str:
    return str(catalogue.units(1)["items"][0]["id"])


def given_to_unit(way: Way, submission: str) -> Person:
    """Work begins in a unit; returns who does it."""
    handler = way.people.staff("handler", unit=unit_id())
    assert way.act(way.dispatcher, submission, "reassign", to={"unit": unit_id()}, note="Theirs.").status_code == 200
    for name in ("accept", "start"):
        assert way.act(handler, submission, name).status_code == 200
    return handler


def answered(way: Way, kind: str, answer_class: str = "C", **fields: Any) -> str:
    """A submission of that kind that a unit has answered."""
    submission = way.accepted(kind, **fields)
    handler = given_to_unit(way, submission)
    assert way.act(handler, submission, "resolve", note=GOOD, answer_class=answer_class).status_code == 200
    return submission


def test_each_kind_counts_by_itself_and_together_they_are_all(way: Way) -> None:
    answered(way, "micro_service")
    answered(way, "micro_service", "D")
    way.resolved()
    way.accepted("micro_suggestion")
    whole = told(way.supervisor, AREA)["counts"]
    by_kind = {kind: of_kind(way, kind)["counts"] for kind in COUNTED_KINDS}
    assert [by_kind[kind]["filed"] for kind in ("snap_report", "micro_service", "micro_suggestion")] == [1, 2, 1]
    assert {name: sum(counts[name] for counts in by_kind.values()) for name in whole} == whole
    service = by_kind["micro_service"]
    assert [service[f"class_{each}"] for each in "abcd"] == [0, 0, 1, 1]
    assert by_kind["snap_report"]["class_a"] == 1
    of_unit = of_kind(way, "micro_service", f"unit={unit_id()}")["counts"]
    assert (of_unit["filed"], of_unit["class_c"]) == (2, 1)
    assert of_kind(way, "snap_report", f"unit={unit_id()}")["counts"]["filed"] == 0
    assert recounting.recount(check=True) == 0


def test_what_is_answered_in_time_is_so_before_anybody_has_rated_it(way: Way, clock: HeldClock) -> None:
    answered(way, "micro_service")
    late = way.accepted("micro_service")
    handler = given_to_unit(way, late)
    clock.forward(days=25)
    assert way.act(handler, late, "resolve", note=GOOD, answer_class="C").status_code == 200
    found = of_kind(way, "micro_service")
    assert (found["counts"]["answered_in_time"], found["counts"]["due"]) == (1, 2)
    assert (found["rates"]["answer_rate"], found["rates"]["on_time_rate"]) == (0.5, 0.0)


def test_only_a_final_reply_says_how_long_it_took(way: Way, clock: HeldClock) -> None:
    submission = way.accepted("micro_service")
    handler = given_to_unit(way, submission)
    assert way.act(handler, submission, "interim_reply", note=GOOD).status_code == 200
    assert of_kind(way, "micro_service")["median_days_to_reply"] is None
    clock.forward(days=4)
    assert way.act(handler, submission, "resolve", note=GOOD, answer_class="C").status_code == 200
    assert of_kind(way, "micro_service")["median_days_to_reply"] == pytest.approx(4, rel=0.25)


def test_stock_phrases_that_are_refused_count_though_nothing_else_of_them_stays(way: Way) -> None:
    submission = way.accepted("micro_service")
    handler = given_to_unit(way, submission)
    before = rows(select(func.count().label("n")).select_from(TimelineEntry))
    path, body = f"/v1/cases/{way.case(submission)}/moves", {"move": "resolve", "note": STOCK, "answer_class": "C"}
    keyed = {"Idempotency-Key": "the-same-reply"}
    for headers in ({}, keyed):
        refused = handler.post(path, body, headers=headers)
        assert (refused.status_code, refused.get_json()["errors"][0]["code"]) == (422, "stock_phrase")
    assert [handler.post(path, body | {"note": "已办。"}).status_code for _ in range(2)] == [422, 422], "only short"
    assert code_of(way.act(way.officer, submission, "resolve", note=STOCK)) == (403, "move_not_yours")
    assert rows(select(func.count().label("n")).select_from(TimelineEntry)) == before
    found = of_kind(way, "micro_service")
    assert (found["counts"]["stock_refused"], found["counts"]["replies_tried"], found["counts"]["replied"]) == (2, 2, 0)
    assert handler.post(path, body | {"note": GOOD}, headers={"Idempotency-Key": "another"}).status_code == 200
    for of in (AREA, f"unit={unit_id()}"):
        found = of_kind(way, "micro_service", of)
        assert (found["rates"]["stock_rate"], found["counts"]["replies_tried"]) == (0.6667, 3)
    assert of_kind(way, "snap_report")["rates"]["stock_rate"] is None
    assert recounting.recount(check=True) == 0


def test_of_refusals_at_once_each_counts(way: Way) -> None:
    submission = way.accepted("micro_service")
    handler = given_to_unit(way, submission)
    path, body = f"/v1/cases/{way.case(submission)}/moves", {"move": "resolve", "note": STOCK, "answer_class": "C"}
    answers = at_once(*(partial(handler.post, path, body) for _ in range(4)))
    assert {each.status_code for each in answers} == {422}
    assert of_kind(way, "micro_service")["counts"]["stock_refused"] == 4
    assert recounting.recount(check=True) == 0


def test_suggestions_are_adopted_and_carried_on(way: Way) -> None:
    member = way.people.staff("member")
    adopted, _left, converted = (way.accepted("micro_suggestion", title="Stands") for _ in range(3))
    assert way.move(member, adopted, "adopt").status_code == 200
    assert way.move(member, adopted, "hand_back", note="I move away.").status_code == 200
    assert way.move(way.moderator, adopted, "adopt").status_code == 200
    assert way.move(way.moderator, converted, "convert", into="micro_proposal").status_code == 200
    found = of_kind(way, "micro_suggestion")
    assert {name: found["counts"][name] for name in ("suggested", "adopted", "converted")} == {
        **{"suggested": 3, "adopted": 1, "converted": 1}
    }
    assert (found["rates"]["adoption_rate"], found["rates"]["conversion_rate"]) == (0.3333, 0.3333)
    assert told(way.supervisor, AREA)["counts"]["adopted"] == 1
    assert of_kind(way, "micro_service")["rates"]["adoption_rate"] is None
    assert recounting.recount(check=True) == 0


def test_who_takes_charge_before_there_is_a_case_is_counted_as_it_opens(way: Way) -> None:
    suggestion = way.hand_in("micro_suggestion")
    task = f"/v1/moderation/tasks/{way.task(suggestion)['id']}/decision"
    assert way.moderator.post(task, {"decision": "accept"}).status_code == 200
    path = f"/v1/submissions/{suggestion}/moves"
    assert way.people.staff("member").post(path, {"move": "adopt"}).status_code == 200
    way.work()
    assert of_kind(way, "micro_suggestion")["counts"]["adopted"] == 1
    assert recounting.recount(check=True) == 0


def test_who_belongs_to_the_unit_or_below_it_is_no_independent_rater(way: Way) -> None:
    below = Unit(id=new_id(), name_zh="班组", name_en="A crew", parent_id=unit_id(), area_code="990101")
    with transaction():
        db.session.add(below)
    own, crew = way.people.staff("supervisor", unit=unit_id()), way.people.staff("handler", unit=below.id)
    for by in (way.author, own, crew, way.people.staff_with(Grant("member", "990101"))):
        submission = answered(way, "micro_service", by=by)
        assert way.act(way.supervisor, submission, "verify").status_code == 200
        assert way.move(by, submission, "rate", resolved=True, satisfaction=5).status_code == 200
    found = of_kind(way, "micro_service", f"unit={unit_id()}")["counts"]
    assert [found[name] for name in ("rated", "satisfied", "indep_rated", "indep_satisfied")] == [4, 4, 2, 2]
    assert recounting.recount(check=True) == 0


def test_what_was_there_before_is_learnt_from_the_rows(way: Way) -> None:
    test_suggestions_are_adopted_and_carried_on(way)
    submission = answered(way, "micro_service")
    assert way.act(way.supervisor, submission, "verify").status_code == 200
    assert way.move(way.author, submission, "rate", resolved=True, satisfaction=5).status_code == 200
    before = [of_kind(way, kind) for kind in COUNTED_KINDS]
    nothing = {"kind": None, "answer_class": None, "replies": 0, "adopted": False, "converted": False}
    with transaction():  # As the release before has left them.
        execute(update(table(CaseMark)).values(nothing | {"independent": False}))
        execute(table(KindFigure).delete())
        execute(table(CaseFigure).delete().where(table(CaseFigure).c.measure == "by_kind"))
    assert of_kind(way, "micro_service") != before[COUNTED_KINDS.index("micro_service")]
    assert recounting.begin() > 0
    assert recounting.begin() == 0
    assert [of_kind(way, kind) for kind in COUNTED_KINDS] == before
    assert recounting.recount(check=True) == 0


def test_a_case_of_the_release_before_is_learnt_with_its_next_move(way: Way) -> None:
    submission = answered(way, "micro_service")
    assert way.act(way.supervisor, submission, "rework", note="Not level.").status_code == 200
    with transaction():
        execute(update(table(CaseMark)).values(kind=None, answer_class=None, replies=0))
        execute(table(KindFigure).delete())
    handler = way.people.staff("handler", unit=unit_id())
    for name, fields in (("start", {}), ("resolve", {"note": GOOD, "answer_class": "D"})):
        assert way.act(handler, submission, name, **fields).status_code == 200
    counts = of_kind(way, "micro_service")["counts"]
    assert (counts["replies_tried"], counts["class_c"], counts["class_d"], counts["reworked"]) == (2, 0, 1, 1)
    recounting.recount()
    assert of_kind(way, "micro_service")["counts"] == counts


@pytest.mark.parametrize("query", ["kind=micro_supervision", "kind=micro_consultation", "kind=snap", "kind="])
def test_of_what_is_sealed_nothing_is_counted_by_kind(way: Way, query: str) -> None:
    refused = way.supervisor.get(f"/v1/figures?{AREA}&{period()}&{query}")
    assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, "kind")
    way.accepted("micro_supervision")
    assert not rows(select(KindFigure.n).where(KindFigure.kind == "micro_supervision"))


def test_a_person_has_no_figures_by_kind_and_others_do_not_read_them(way: Way) -> None:
    refused = way.supervisor.get(f"/v1/figures?person={way.officer.account_id}&kind=snap_report&{period()}")
    assert (refused.status_code, refused.get_json()["errors"][0]["code"]) == (422, "not_of_a_person")
    abroad = way.people.staff("supervisor", "990102")
    for who, status in ((way.supervisor, 200), (abroad, 404), (way.author, 403), (way.people.nobody(), 401)):
        assert who.get(f"/v1/figures?{AREA}&kind=snap_report&{period()}").status_code == status
