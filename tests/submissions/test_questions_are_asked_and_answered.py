"""A sheet says what is asked besides; whoever hands in answers as asked, and only those who handle it read that."""

from pathlib import Path
from typing import Any

import pytest

from participate.catalogue.service import Counts, import_questions
from tests.catalogue.sheets import Line, refused, write
from tests.steps import HERE, Way

REQUIRED: Line = {
    "code": "C0101-3.deep",
    "asked_for": "C0101-3",
    "type": "number",
    "required": "yes",
    "text_zh": "多深？",
    "text_en": "How deep?",
    "choices": "",
}
REPORT: dict[str, Any] = {"kind": "snap_report", "body": "A hole.", "place": HERE, "category": "C0101"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "questions.csv"


def hand_in(way: Way, answers: dict[str, Any] | None, condition: str | None = "C0101-3") -> Any:
    details: dict[str, Any] = {"condition": condition} if condition else {}
    details |= {} if answers is None else {"answers": answers}
    return way.author.post("/v1/submissions", REPORT | {"details": details})


def test_a_list_shows_what_is_asked(way: Way) -> None:
    anyone = way.people.nobody()
    categories = anyone.get("/v1/categories?limit=100").get_json()["items"]
    conditions = {each["code"]: each["questions"] for item in categories for each in item["conditions"]}
    fenced, traffic = conditions["C0101-3"]
    assert (fenced["type"], fenced["required"], fenced["choices"]) == ("yes_no", False, [])
    assert traffic["choices"][1] == {"value": "footway", "name_zh": "人行道", "name_en": "On the footway"}
    assert conditions["C0101-1"] == []
    services = anyone.get("/v1/services?limit=100").get_json()["items"]
    asked = {each["code"]: [question["code"] for question in each["questions"]] for each in services}
    assert asked["S0101"] == ["S0101.day", "S0101.floor", "S0101.items", "S0101.lift"]


def test_answers_that_fit_are_kept_and_the_public_does_not_read_them(way: Way) -> None:
    answers = {"C0101-3.traffic": "road", "C0101-3.fenced": False}
    made = hand_in(way, answers)
    assert made.status_code == 201, made.get_json()
    assert made.get_json()["details"] == {"condition": "C0101-3", "answers": answers}
    way.work()
    submission = made.get_json()["id"]
    assert way.decide(submission, "accept").status_code == 200
    seen = [who.get(f"/v1/submissions/{submission}").get_json()["details"] for who in (way.officer, way.author)]
    assert [each["answers"] for each in seen] == [answers, answers]
    public = way.people.nobody().get(f"/v1/submissions/{submission}").get_json()
    assert public["details"] == {"condition": "C0101-3"}


@pytest.mark.parametrize(
    ("answers", "field", "code"),
    [
        ({}, "C0101-3.deep", "required"),
        ({"C0101-3.deep": None}, "C0101-3.deep", "required"),
        ({"C0101-3.deep": "3"}, "C0101-3.deep", "answer_type"),
        ({"C0101-3.deep": True}, "C0101-3.deep", "answer_type"),
        ({"C0101-3.deep": 3, "S0101.floor": 3}, "S0101.floor", "unknown"),
        ({"C0101-3.deep": 3, "C0101-3.traffic": "sky"}, "C0101-3.traffic", "choice"),
        ({"C0101-3.deep": 3, "C0101-3.traffic": ["road"]}, "C0101-3.traffic", "choice"),
        ({"C0101-3.deep": 3, "C0101-3.fenced": "yes"}, "C0101-3.fenced", "answer_type"),
    ],
)
def test_what_does_not_fit_is_named(way: Way, path: Path, answers: dict[str, Any], field: str, code: str) -> None:
    assert import_questions(write(path, [REQUIRED])) == {"questions": Counts(1, 0, 0)}
    answer = hand_in(way, answers)
    assert answer.status_code == 422
    found = [(each["field"], each["code"]) for each in answer.get_json()["errors"]]
    assert found == [(f"details.answers.{field}", code)]
    assert hand_in(way, {"C0101-3.deep": 0.5}).status_code == 201


@pytest.mark.parametrize(
    ("code", "good", "bad"), [("S0101.day", "2026-12-01", "2026-13-01"), ("S0101.items", "床", " ")]
)
def test_a_service_asks_too(way: Way, code: str, good: str, bad: str) -> None:
    asked = {"kind": "micro_service", "body": "A sofa.", "place": HERE}
    for value, status in ((good, 201), (bad, 422), (20261201, 422)):
        details = {"service": "S0101", "answers": {code: value}}
        assert way.author.post("/v1/submissions", asked | {"details": details}).status_code == status


def test_without_a_condition_nothing_is_asked(way: Way, path: Path) -> None:
    import_questions(write(path, [REQUIRED]))
    assert hand_in(way, None, None).status_code == 201
    assert hand_in(way, {"C0101-3.deep": 1}, None).status_code == 422


def test_the_desk_may_name_another_condition_without_answers(way: Way, path: Path) -> None:
    import_questions(write(path, [REQUIRED]))
    submission = str(hand_in(way, None, None).get_json()["id"])
    way.work()
    edits = {"details": {"condition": "C0101-3"}}
    answer = way.decide(submission, "accept", edits=edits, note="It is missing.")
    assert answer.status_code == 200, answer.get_json()


def test_answers_stay_the_author_s_and_are_looked_through_as_other_texts(way: Way) -> None:
    asked = {"kind": "micro_service", "body": "A sofa is to be taken away.", "place": HERE}
    answers = {"S0101.items": "我叫王小明，电话 13812345678。"}
    made = way.author.post("/v1/submissions", asked | {"details": {"service": "S0101", "answers": answers}})
    submission = str(made.get_json()["id"])
    way.work()
    assert "personal_data" in {flag["code"] for flag in way.task(submission)["flags"]}
    edits = {"details": {"service": "S0101", "answers": {}}}
    refused = way.decide(submission, "accept", edits=edits, note="No.")
    assert [each["code"] for each in refused.get_json()["errors"]] == ["authors_own"]
    edits = {"details": {"service": "S0102"}}
    assert way.decide(submission, "accept", edits=edits, note="That one.").status_code == 200
    shown = way.author.get(f"/v1/submissions/{submission}").get_json()["details"]
    assert shown == {"service": "S0102", "answers": answers}


def test_what_is_asked_by_now_stops_no_one_who_mends_something_else(way: Way, path: Path) -> None:
    submission = str(hand_in(way, {}).get_json()["id"])
    way.work()
    assert way.decide(submission, "return", note="Where exactly?").status_code == 200
    import_questions(write(path, [REQUIRED]))
    mended = way.move(way.author, submission, "resubmit", changes={"body": "A hole at the gate."})
    assert mended.status_code == 200, mended.get_json()


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"asked_for": "C9999-1"}, ("2.asked_for", "unknown_code")),
        ({"type": "colour"}, ("2.type", "choice")),
        ({"type": "choice"}, ("2.choices", "choices_form")),
        ({"choices": "a:甲:A"}, ("2.choices", "choices_form")),
        ({"type": "choice", "choices": "a:甲"}, ("2.choices", "choices_form")),
        ({"type": "choice", "choices": "a:甲:A|a:乙:B"}, ("2.choices", "choices_form")),
        ({"code": "C0101-3.fenced", "asked_for": "S0101"}, ("2.code", "taken_by_category")),
    ],
)
@pytest.mark.usefixtures("town")
def test_a_sheet_with_a_fault_goes_in_not_at_all(path: Path, cells: Line, fault: tuple[str, str]) -> None:
    assert refused(import_questions, write(path, [REQUIRED | cells])) == [fault]


@pytest.mark.usefixtures("town")
def test_what_is_no_longer_active_is_not_asked(way: Way, path: Path) -> None:
    import_questions(write(path, [REQUIRED | {"active": "no"}]))
    assert hand_in(way, {}).status_code == 201
