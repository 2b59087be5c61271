"""A final reply says what was done and to what end; what only says that it was received is none, and hears why."""

from typing import Any

import pytest

from participate.cases.replies import check
from participate.kernel.errors import Invalid
from tests.steps import Way

GOOD = "11月20日已对北门路口增设减速带两处并补划斑马线，经复查车速明显下降，后续由养护队每月巡查。"
THANKS = "Thank you for reporting the broken light we replaced it yesterday and will look after it"
STOCK = [
    "您反映的问题已收悉。",
    "您反映的问题已收悉，已转交相关部门处理，感谢您对我们工作的支持，请耐心等待！",
    "尊敬的市民您好：您提出的建议已收悉，我们将认真研究，感谢您的理解与支持，特此回复。",
    "您好，您的诉求已转交有关部门办理，我们将尽快核实处理，敬请谅解，谢谢您的关注！",
    "Thank you for your report. Your request has been received and forwarded to the responsible department.",
]


def code(text: str, is_shown: bool = False) -> str | None:
    try:
        check(text, is_shown)
    except Invalid as refused:
        (fault,) = refused.faults
        assert fault.field == "note"
        return fault.code
    return None


@pytest.mark.parametrize(
    "text", [GOOD, "The speed bumps were set on 20 November; traffic is slower now.", THANKS, f"您好！{GOOD}"]
)
def test_what_says_something_is_taken(text: str) -> None:
    assert code(text) is None


@pytest.mark.parametrize("text", STOCK)
def test_stock_phrases_are_no_reply(text: str) -> None:
    assert code(text) in ({"stock_phrase"} if len(text) >= 30 else {"stock_phrase", "reply_too_short"})


def test_few_words_are_no_reply_but_do_beside_a_photo() -> None:
    assert code("已增设减速带。") == "reply_too_short"
    assert code("已增设减速带。", is_shown=True) is None
    assert code("您反映的问题已收悉。", is_shown=True) == "stock_phrase"
    assert code(GOOD[:29]) == "reply_too_short"
    assert code(GOOD[:30]) is None


def test_over_the_api_it_says_why_and_nothing_is_lost(way: Way) -> None:
    submission = way.accepted("micro_service")
    for name in ("accept", "start"):
        way.act(way.officer, submission, name)

    def resolve(**fields: Any) -> Any:
        return way.act(way.officer, submission, "resolve", **fields)

    for note, why in (("已办。", "reply_too_short"), (STOCK[1], "stock_phrase")):
        refused = resolve(note=note)
        assert (refused.status_code, refused.get_json()["errors"][0]["code"]) == (422, why)
        assert refused.get_json()["errors"][0]["message"]
    assert way.state(submission) == "in_progress"
    assert resolve(note=GOOD, answer_class="C").get_json()["answer_class"] == "C"


def test_what_is_not_done_is_explained_and_not_shown(way: Way) -> None:
    submission = way.started()
    refused = way.act(way.officer, submission, "resolve", note="没有经费。", answer_class="C")
    assert [each["code"] for each in refused.get_json()["errors"]] == ["reply_too_short"]
    refused = way.act(way.officer, submission, "resolve", note=GOOD, answer_class="A")
    assert [each["field"] for each in refused.get_json()["errors"]] == ["photo_ids"]
    assert way.act(way.officer, submission, "resolve", note=GOOD, answer_class="C").get_json()["answer_class"] == "C"


def test_a_reply_without_a_class_says_that_it_is_done(way: Way) -> None:
    submission = way.resolved()
    assert way.supervisor.get(f"/v1/cases/{way.case(submission)}").get_json()["answer_class"] == "A"
