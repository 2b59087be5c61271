"""What lies near and was sent in shortly before is likely the same, if its category is or its words are much alike."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import execute, table, transaction
from participate.submissions.models import Submission
from tests.moderation.screening_steps import LONG, OTHER, at, flags
from tests.steps import Way

SHORT = "井盖没了。"


def sent(way: Way, body: str = SHORT, category: str | None = "C0101", **fields: Any) -> str:
    return way.hand_in(**{"by": way.people.resident(), "body": body, "category": category, "place": at()} | fields)


def reference(way: Way, submission_id: str) -> str:
    return str(way.moderator.get(f"/v1/submissions/{submission_id}").get_json()["reference"])


def test_the_same_category_near_by_is_flagged_with_which_one(way: Way) -> None:
    first = sent(way)
    assert "likely_duplicate" not in flags(way, first)
    second = sent(way, OTHER, place=at(30, 30))
    why = flags(way, second)["likely_duplicate"]
    assert reference(way, first) in why
    assert "42 m" in why
    assert "likely_duplicate" not in flags(way, first), "the later one follows the earlier"


@pytest.mark.parametrize(("place", "category"), [(at(60), "C0101"), (at(0, -60), "C0101"), (at(10), "C0102")])
def test_what_is_further_away_or_of_another_kind_is_not(way: Way, place: dict[str, Any], category: str) -> None:
    sent(way)
    assert "likely_duplicate" not in flags(way, sent(way, OTHER, category, place=place))


def test_words_that_are_much_alike_do_for_a_category(way: Way) -> None:
    first = sent(way, f"{LONG}谢谢。", None)
    why = flags(way, sent(way, LONG, "C0101"))["likely_duplicate"]
    assert reference(way, first) in why
    assert "%" in why


def test_two_without_a_category_are_not_of_the_same(way: Way) -> None:
    sent(way, LONG, None)
    assert "likely_duplicate" not in flags(way, sent(way, OTHER, None))


def test_the_nearest_that_is_alike_is_named(way: Way) -> None:
    sent(way, place=at(40))
    nearest = sent(way, place=at(5))
    sent(way, OTHER, "C0102", place=at(1))
    assert reference(way, nearest) in flags(way, sent(way))["likely_duplicate"]


def test_what_was_accepted_counts_and_what_is_withdrawn_does_not(way: Way) -> None:
    accepted, withdrawn = sent(way), sent(way, by=way.author, place=at(1))
    assert way.decide(accepted, "accept").status_code == 200
    assert way.move(way.author, withdrawn, "withdraw").status_code == 200
    assert reference(way, accepted) in flags(way, sent(way, place=at(1)))["likely_duplicate"]


def test_what_is_older_than_a_day_is_not_the_same(way: Way) -> None:
    first = sent(way)
    with transaction():
        held = table(Submission)
        long_ago = now() - timedelta(hours=25)
        execute(update(held).where(held.c.id == first).values(created_at=long_ago))
    assert "likely_duplicate" not in flags(way, sent(way))


def test_how_near_and_how_much_alike_are_settings(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(way, LONG)
    wide = replace(settings(), alike_metres=500, alike_percent=100)
    monkeypatch.setitem(way.app.extensions, "participate.settings", wide)
    assert "likely_duplicate" in flags(way, sent(way, OTHER, place=at(0, 450)))
    assert "likely_duplicate" not in flags(way, sent(way, f"{LONG}。谢谢", "C0102"))


def test_where_nobody_knows_the_place_nothing_is_near(way: Way) -> None:
    sent(way, kind="micro_suggestion", place=None)
    assert "likely_duplicate" not in flags(way, sent(way, kind="micro_suggestion", place=None))
