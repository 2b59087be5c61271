"""What submitters read is words as data: a kind's own where it has some, whole in every cell, and seen beforehand."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from participate.app import HERE
from participate.kernel import words
from participate.kernel.words import LANGUAGES, BadWords
from participate.submissions import telling
from participate.submissions.kinds import KINDS, SEALED
from participate.updates import answering, cells, short
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way

CASE_KINDS = [kind for kind in KINDS if KINDS[kind].leads_to == "case"]
FORMS = ("text", "who", "next", "short")
TITLES = [
    "",
    "井盖",
    "两\n行\t的　标题\u202e",
    "字" * 120,
    "😀" * 60,
    "e\u0301" * 60,
    "{reference} {0} %s",
    "A long English title that goes on and on and on and on and on",
]


def read(kind: str, move: str | None = None) -> list[dict[str, Any]]:
    return cells.preview(kind, move)


@pytest.fixture
def _speaking(town: Any) -> Iterator[None]:
    """Whatever a city says meanwhile, the service speaks by its own words again afterwards."""
    yield
    words.take(HERE, None, KINDS, cells.offers())


@pytest.mark.parametrize("kind", KINDS)
def test_every_cell_is_whole_in_every_form(town: Any, kind: str) -> None:
    found = read(kind)
    assert len(found) > 40 * len(LANGUAGES) if kind in CASE_KINDS else len(found) > 15 * len(LANGUAGES)
    for cell in found:
        told = {form: cell[form] for form in FORMS if cell[form] is not None}
        assert {"text", "short"} <= told.keys(), cell
        for text in told.values():
            assert not set("{}") & set(text), cell
            assert not text.startswith(("step.", "sms.", "next.", "who.")), cell
            assert text.strip() == text, cell
            assert any("一" <= sign <= "鿿" for sign in text) or cell["language"] == "en", cell
        assert short.size(cell["short"]) <= short.PART, cell
        assert not cell["short"].startswith(short.MORE), cell
        assert cell["text"].endswith((".", "。", "?", "？")), cell
    assert {cell["language"] for cell in found} == set(LANGUAGES)
    assert not any("已派人到场" in cell["short"] for cell in found), "a note stays out of a text message"


@pytest.mark.parametrize(
    "move", ["submit", "admit", "return", "reject", "file", "dispatch", "start", "resolve", "verify"]
)
def test_no_two_kinds_say_the_same_of_what_matters(town: Any, move: str) -> None:
    for language in LANGUAGES:
        said = [cell["text"] for kind in CASE_KINDS for cell in cells.preview(kind, move, language) if cell["own"]]
        assert len(set(said)) == len(CASE_KINDS)


def test_who_watches_over_others_names_nobody(town: Any) -> None:
    for cell in read(SEALED):
        named = {cells.SAMPLE["area"], cells.SAMPLE["title"], cells.UNIT[cell["language"]]}
        assert not [name for name in named for form in FORMS if name[:6] in (cell[form] or "")], cell


@pytest.mark.parametrize("title", TITLES, ids=ascii)
def test_a_text_message_is_one_part_whatever_is_put_into_it(town: Any, title: str) -> None:
    kept = cells.SAMPLE | {"title": title, "area": "很长的街道名称" * 9, "who": {"en": "Unit", "zh-Hans": "单位"}}
    for kind in KINDS:
        for key, state in cells.keys_of(kind):
            for language in LANGUAGES:
                following = f"next.case.{state}" if words.known(f"next.case.{state}") else None
                told = short.short(key, language, kept | {"kind": kind, "note": "Canary"}, following)
                assert 10 < short.size(told) <= short.PART
                assert "Canary" not in told
                assert told.isprintable()
                told.encode()  # No half of a sign is left over.


def test_a_kind_of_old_entries_is_not_known(town: Any) -> None:
    """The release before kept no kind, and older steps lack what words speak of by now."""
    kept = {"reference": "SC5-7P5-9BW", "title": "", "note": None}
    assert telling.text("step.submission.accept", "en", kept) == "SC5-7P5-9BW has been accepted."
    assert "SC5-7P5-9BW" in telling.text("step.case.assign_down", "en", kept)
    assert answering.by_state("photo", "") is None


def city(folder: Path, **files: dict[str, Any]) -> Path:
    for name, held in files.items():
        (folder / f"{name.replace('__', '.')}.json").write_text(json.dumps(held, ensure_ascii=False), encoding="utf-8")
    return folder


def both(chinese: str, english: str) -> dict[str, str]:
    return {"zh-Hans": chinese, "en": english}


def taken(folder: Path) -> None:
    words.take(HERE, folder, KINDS, cells.offers())
    cells.check()


@pytest.mark.usefixtures("_speaking")
def test_a_city_says_it_otherwise(tmp_path: Path) -> None:
    general = {
        "step.case.close": both("{reference} 结案。", "{reference} is over."),
        "who.desk": both("市政协", "The desk"),
    }
    own = {"step.case.close": both("《{title}》（{reference}）服务结束。", "Service {reference} ({title}) is over.")}
    taken(city(tmp_path, words=general, words__micro_service=own))
    said = {kind: cells.preview(kind, "close", "en")[0]["text"] for kind in ("snap_report", "micro_service")}
    assert said["snap_report"] == "SC5-7P5-9BW is over."
    assert said["micro_service"].startswith("Service SC5-7P5-9BW (望月路")
    assert cells.preview("snap_report", "admit", "zh-Hans")[0]["who"] == "市政协"


GOOD = both("{reference} 结案。", "{reference} is over.")
AMISS = {
    "a place that is lacking": (
        "words",
        {"step.case.close": GOOD | {"en": "It is over."}},
        "step.case.close (en): lacks {reference}",
    ),
    "a place that is not known": (
        "words",
        {"step.case.close": GOOD | {"en": "{reference} {phone}."}},
        "step.case.close (en): knows no {phone}",
    ),
    "a day that no step brings": (
        "words",
        {"step.case.close": both("{reference}{day}", "{reference}{day}")},
        "knows no {day}",
    ),
    "another's data": (
        "words",
        {"step.case.close": GOOD | {"en": "{reference.author}"}},
        "knows no {reference.author}",
    ),
    "a place by number": ("words", {"step.case.close": GOOD | {"en": "{0} {reference}"}}, "knows no {0}"),
    "a form": ("words", {"step.case.close": GOOD | {"en": "{reference:>999}"}}, "a place is a name"),
    "a brace too many": ("words", {"step.case.close": GOOD | {"en": "{reference} {"}}, "step.case.close (en): "),
    "other places in the other language": (
        "words",
        {"step.case.close": GOOD | {"en": "{reference} {title}"}},
        "other places in one language",
    ),
    "a language that is lacking": (
        "words",
        {"step.case.close": {"zh-Hans": "{reference}"}},
        "step.case.close: a text for each of",
    ),
    "an empty text": ("words", {"step.case.close": GOOD | {"en": " "}}, "step.case.close: a text for each of"),
    "words that nothing asks for": ("words", {"step.case.shut": GOOD}, "step.case.shut: nothing asks for these words"),
    "a kind's word for what has no kind": (
        "words__micro_service",
        {"problem.stale": both("旧", "old")},
        "nothing asks",
    ),
    "a fault without its value": (
        "words",
        {"fault.length": both("太长", "too long")},
        "fault.length (en): lacks {max}",
    ),
    "what is too long for a text message": (
        "words__micro_service",
        {"step.case.close": both("{reference}" + "长" * 60, "{reference}.")},
        "step.case.close.micro_service (zh-Hans): longer than 70; give sms.case.close",
    ),
    "a file for no kind": ("words__micro_wish", {}, "words.micro_wish.json: is none of words.json"),
    "no object": ("words", [], "words.json: an object of keys is wanted"),
}


@pytest.mark.usefixtures("_speaking")
@pytest.mark.parametrize("what", AMISS)
def test_words_that_cannot_be_said_stop_the_start_and_name_the_cell(tmp_path: Path, what: str) -> None:
    name, held, said = AMISS[what]
    with pytest.raises(BadWords) as refused:
        taken(city(tmp_path, **{name: held}))
    assert said in str(refused.value)


@pytest.mark.usefixtures("_speaking")
def test_all_that_is_amiss_is_named_at_once_and_the_service_speaks_on_as_before(tmp_path: Path) -> None:
    (tmp_path / "words.micro_service.json").write_text("{", encoding="utf-8")
    with pytest.raises(BadWords) as refused:
        taken(city(tmp_path, words={"step.case.close": GOOD | {"en": "x"}, "x.y": GOOD}))
    assert len(str(refused.value).splitlines()) == 4
    assert cells.preview("snap_report", "close", "en")[0]["text"] == "SC5-7P5-9BW is closed."


def preview(who: Person, query: str = "kind=micro_service&move=resolve") -> Any:
    return who.get(f"/v1/words/preview?{query}")


def test_who_words_the_service_sees_it_beforehand(way: Way) -> None:
    for role in ("admin", "desk_head"):
        found = preview(way.people.staff(role, "9901")).get_json()["items"]
        assert [(cell["subject"], cell["language"], cell["own"]) for cell in found] == [
            ("case", "zh-Hans", True),
            ("case", "en", True),
        ]
    for who in (way.author, way.moderator, way.officer, way.dispatcher, way.supervisor):
        assert preview(who).status_code == 403
    assert preview(way.people.nobody()).status_code == 401
    head = way.people.staff("desk_head")
    both_subjects = preview(head, "kind=snap_report&move=accept&language=en").get_json()["items"]
    assert [cell["subject"] for cell in both_subjects] == ["submission", "case"]
    assert preview(head, "kind=snap_report&move=fly").get_json()["items"] == []
    assert [preview(head, query).status_code for query in ("", "kind=x", "kind=snap_report&language=fr")] == [422] * 3


def test_a_service_is_arranged_and_the_unit_that_gives_it_is_named(way: Way, clock: HeldClock) -> None:
    submission = way.accepted("micro_service")
    unit = way.people.nobody().get("/v1/units").get_json()["items"][0]
    named = {"to": {"unit": unit["id"]}, "note": "Theirs."}
    assert way.act(way.dispatcher, submission, "reassign", **named).status_code == 200
    told = way.author.get("/v1/me/updates?limit=100", headers={"Accept-Language": "en"}).get_json()["items"]
    by_move = {update["fact"]: update for update in told}
    assert by_move["submit"]["text"].startswith("We have your request for a service (")
    assert by_move["file"]["text"].endswith("is being arranged.")
    assert by_move["reassign"]["who"] == unit["name_en"]
    assert by_move["reassign"]["next"] == "Next, it is confirmed."
    assert by_move["admit"]["who"] == "CPPCC staff"
    assert by_move["dispatch"]["who"], "an area, where no unit has it"
    names = {way.officer.account_id, way.moderator.account_id, "Theirs."}
    assert not [text for text in names if text in str(told)]
    steps = way.author.get(
        f"/v1/submissions/{submission}/timeline?limit=50", headers={"Accept-Language": "en"}
    ).get_json()
    assert [step["text"] for step in steps["items"]] == [update["text"] for update in told]
