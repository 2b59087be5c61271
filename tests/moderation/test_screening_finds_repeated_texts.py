"""What was sent in before, word for word or nearly, is flagged; what is short and said by many is not."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from participate.kernel.db import rows, table
from participate.moderation.models import ModerationPrint, ModerationPrintBand
from participate.moderation.screening import prints
from tests.moderation.screening_steps import LONG, OTHER, flags
from tests.steps import Way

NEARLY = LONG.replace("两位老人", "三位老人")


def sent(way: Way, body: str, **fields: object) -> str:
    return way.hand_in("micro_suggestion", **{"by": way.people.resident(), "body": body} | fields)


def test_the_same_text_of_many_is_flagged_with_how_many_and_which_was_last(way: Way) -> None:
    first, second = sent(way, LONG), sent(way, LONG)
    assert "repeated_text" not in flags(way, first)
    third = sent(way, f"  {LONG}！！")
    reference = way.moderator.get(f"/v1/submissions/{second}").get_json()["reference"]
    why = flags(way, third)["repeated_text"]
    assert "2" in why
    assert reference in why
    assert flags(way, third, language="zh-Hans")["repeated_text"] != why


def test_nearly_the_same_text_is_flagged_and_another_is_not(way: Way) -> None:
    sent(way, LONG)
    assert "nearly" in flags(way, sent(way, NEARLY))["repeated_text"]
    assert "repeated_text" not in flags(way, sent(way, OTHER))


def test_of_the_same_account_only_how_often_is_said(way: Way) -> None:
    """A reference would tell who has written what is anonymous."""
    first = sent(way, LONG, by=way.author, anonymous=True)
    why = flags(way, sent(way, LONG, by=way.author))["repeated_text"]
    reference = way.moderator.get(f"/v1/submissions/{first}").get_json()["reference"]
    assert "account" in why
    assert reference not in why


def test_what_is_short_may_be_said_by_many(way: Way) -> None:
    sent(way, "路灯不亮了。")
    assert "repeated_text" not in flags(way, sent(way, "路灯不亮了。"))


def test_a_text_is_not_compared_with_itself(way: Way) -> None:
    submission_id = sent(way, LONG, by=way.author)
    assert way.decide(submission_id, "return", note="Where?", fields=["body"]).status_code == 200
    assert way.move(way.author, submission_id, "resubmit", changes={"body": OTHER}).status_code == 200
    assert flags(way, submission_id) == {}
    assert "repeated_text" in flags(way, sent(way, OTHER))
    assert "repeated_text" not in flags(way, sent(way, LONG)), "what is kept is what it says now"


def test_nothing_is_compared_with_what_was_withdrawn(way: Way) -> None:
    assert way.move(way.author, sent(way, LONG, by=way.author), "withdraw").status_code == 200
    assert _kept() == (0, 0)
    assert "repeated_text" not in flags(way, sent(way, LONG))


def _kept() -> tuple[int, int]:
    counted = [rows(select(func.count().label("n")).select_from(held))[0].n for held in _TABLES]
    return counted[0], counted[1]


_TABLES = (table(ModerationPrint), table(ModerationPrintBand))


def test_what_texts_are_compared_by_is_forgotten_in_time(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(way, LONG)
    assert _kept() == (1, prints.BANDS)
    assert prints.forget_prints() == 0
    monkeypatch.setattr(prints, "KEPT", timedelta(seconds=-1))
    assert prints.forget_prints() == 1
    assert _kept() == (0, 0)
    assert prints.forget_prints() == 0


@pytest.mark.parametrize("text", ["", "a", "路", "🚧" * 5000, "\ud800 路口", "路" * 10_000])
def test_any_text_has_a_print_and_the_same_one_the_next_time(text: str) -> None:
    made = prints.of(text)
    assert made == prints.of(text)
    assert len(made.bands) in {0, prints.BANDS}
    assert all(-(2**63) <= band < 2**63 for band in (made.whole, *made.bands))
