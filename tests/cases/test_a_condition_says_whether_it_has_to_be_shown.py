"""Whether the final reply that something is done needs a photo is what its condition says, in the catalogue of then."""

from typing import Any

import pytest
from sqlalchemy import update

from participate.catalogue.models import Condition
from participate.kernel.db import execute, table, transaction
from tests.steps import Way

GOOD = "11月20日已对北门路口增设减速带两处并补划斑马线，经复查车速明显下降，后续由养护队每月巡查。"
SHOWN, UNSHOWN = "C0101-1", "C0103-1"


def begun(way: Way, condition: str | None) -> str:
    """A report of the condition that the officer works on."""
    named: dict[str, Any] = {"category": condition[:5], "details": {"condition": condition}} if condition else {}
    submission = way.accepted(**named)
    for name in ("accept", "start"):
        assert way.act(way.officer, submission, name).status_code == 200
    return submission


def required(way: Way, submission: str) -> bool:
    return bool(way.officer.get(f"/v1/cases/{way.case(submission)}").get_json()["photo_required"])


@pytest.mark.parametrize("condition", [SHOWN, None])
def test_what_has_to_be_shown_is_not_done_without_a_photo(way: Way, condition: str | None) -> None:
    submission = begun(way, condition)
    assert required(way, submission) is True
    for answer_class in ({}, {"answer_class": "A"}):
        refused = way.act(way.officer, submission, "resolve", note=GOOD, **answer_class)
        assert [each["field"] for each in refused.get_json()["errors"]] == ["photo_ids"]
    assert way.resolve(submission).status_code == 200


def test_what_need_not_be_shown_is_said_in_words_that_say_something(way: Way) -> None:
    submission = begun(way, UNSHOWN)
    assert required(way, submission) is False
    for note, why in (("已修好，请放心。", "reply_too_short"), ("您反映的问题已收悉。", "stock_phrase")):
        refused = way.act(way.officer, submission, "resolve", note=note)
        assert refused.get_json()["errors"][0]["code"] == why
    assert way.act(way.officer, submission, "resolve", note=GOOD).get_json()["answer_class"] == "A"


def test_a_photo_may_still_be_shown_and_then_few_words_do(way: Way) -> None:
    assert way.resolve(begun(way, UNSHOWN)).status_code == 200


def test_what_is_not_done_need_not_be_shown_whatever_the_condition(way: Way) -> None:
    submission = begun(way, SHOWN)
    assert way.act(way.officer, submission, "resolve", note=GOOD, answer_class="C").status_code == 200


def test_it_is_the_catalogue_of_then_that_counts(way: Way) -> None:
    submission = begun(way, UNSHOWN)
    with transaction():
        execute(update(table(Condition)).where(table(Condition).c.code == UNSHOWN).values(photo_required=True))
    assert way.act(way.officer, submission, "resolve", note=GOOD).status_code == 422
    assert way.resolve(submission).status_code == 200
