"""Controls that hide in a text or turn it round are written out for the moderator; the text itself stays."""

import pytest

from participate.moderation.visible import visible
from tests.steps import Way

TRICKY = "pay\u202etxt.exe now\u200b!\u2066x\u2069"


def test_the_desk_sees_them_and_the_text_stays(way: Way) -> None:
    submission = way.hand_in("micro_suggestion", title=TRICKY, body=f"{TRICKY}\nmore")
    task = way.task(submission)
    shown = "pay\\u202Etxt.exe now\\u200B!\\u2066x\\u2069"
    assert task["title"] == shown
    detail = way.moderator.get(f"/v1/moderation/tasks/{task['id']}").get_json()
    assert detail["escaped"] == {"title": shown, "body": f"{shown}\nmore"}
    assert (detail["submission"]["title"], detail["submission"]["body"]) == (TRICKY, f"{TRICKY}\nmore")
    assert way.author.get(f"/v1/submissions/{submission}").get_json()["title"] == TRICKY


def test_what_hides_nothing_is_not_said_twice(way: Way) -> None:
    submission = way.hand_in("micro_suggestion", body="路灯不亮，请修一下。")
    task = way.task(submission)
    assert way.moderator.get(f"/v1/moderation/tasks/{task['id']}").get_json()["escaped"] is None


@pytest.mark.parametrize("plain", ["👨\u200d👩\u200d👧 路灯", "می\u200cخواهم", "路灯", "क\u094d\u200dष", "a\tb\nc"])
def test_what_joins_emoji_and_letters_is_left(plain: str) -> None:
    assert visible(plain) == plain


@pytest.mark.parametrize(
    ("text", "shown"), [("a\u200db", "a\\u200Db"), ("路\u200d灯", "路\\u200D灯"), ("\ufeffx", "\\uFEFFx")]
)
def test_what_joins_nothing_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown
