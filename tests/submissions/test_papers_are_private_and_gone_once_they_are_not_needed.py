"""Papers are seen by those who handle the service alone, each look is written down, and they go in time."""

from typing import Any

import pytest
from sqlalchemy import select, update

from participate import worker
from participate.audit.models import AuditEntry
from participate.catalogue.models import Service
from participate.kernel.db import execute, rows, transaction
from participate.photos.alike_models import PhotoFingerprint, PhotoLikeness
from participate.photos.arriving import store
from participate.photos.models import Photo
from participate.submissions.services import documents
from participate.submissions.services.models import Document
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import HERE, Way, code_of, snapshot, upload

pytestmark = pytest.mark.usefixtures("clock")
CODE, OTHER = "S0309", "S0308"  # The first asks for two papers, the second for one of them.
PICTURES = ("thumb", "view", "original")


def papers(way: Way, who: Person | None = None) -> dict[str, str]:
    """Photos of both papers."""
    return {name: way.photo(who or way.author) for name in ("disability_card", "id_card")}


def ask(way: Way, shown: dict[str, str], code: str = CODE, **more: Any) -> Any:
    details = {"service": code, "states_need": True, "documents": shown}
    body = {"kind": "micro_service", "body": "A card, please.", "place": HERE, "details": details}
    return way.author.post("/v1/submissions", body | more)


def asked(way: Way, shown: dict[str, str]) -> str:
    answer = ask(way, shown)
    assert answer.status_code == 201, answer.get_json()
    way.work()
    return str(answer.get_json()["id"])


def refused(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.get_json()
    return sorted((each["field"], each["code"]) for each in answer.get_json()["errors"])


def status(who: Person, photo: str) -> list[int]:
    return [who.get(f"/v1/photos/{photo}/{name}").status_code for name in PICTURES]


def opened() -> list[str]:
    actions = ("photo.document_opened", "photo.original_opened", "photo.unchecked_opened")
    found = rows(select(AuditEntry.action).where(AuditEntry.action.in_(actions)).order_by(AuditEntry.id))
    return [row.action for row in found]


def files() -> set[str]:
    return {file.key for top in ("originals", "renditions") for file in store().files(top)}


def test_what_is_asked_for_is_shown_and_nothing_else(way: Way) -> None:
    shown = papers(way)
    only = {"id_card": shown["id_card"]}
    assert refused(ask(way, only)) == [("details.documents.disability_card", "required")]
    assert refused(ask(way, shown | {"passport": shown["id_card"]})) == [("details.documents.passport", "unknown")]
    assert refused(ask(way, shown | {"id_card": "x"})) == [("details.documents.id_card", "form")]
    theirs = way.photo(way.people.resident())
    assert refused(ask(way, shown | {"id_card": theirs})) == [("details.documents.id_card.0", "photo_not_free")]
    twice = dict.fromkeys(shown, shown["id_card"])
    assert [code for _, code in refused(ask(way, twice))] == ["photo_not_free"]
    assert refused(ask(way, {"id_card": shown["id_card"]}, code="S0104")) == [("details.documents.id_card", "unknown")]
    submission = asked(way, shown)
    seen = way.author.get(f"/v1/submissions/{submission}").get_json()
    assert {each["document"]: each["photo_id"] for each in seen["documents"]} == shown
    assert (seen["photos"], "documents" in seen["details"]) == ([], False)


def test_those_who_handle_it_open_them_and_each_look_is_written_down(way: Way) -> None:
    shown = papers(way)
    submission, photo = asked(way, shown), shown["id_card"]
    others = [way.officer, way.dispatcher, way.supervisor, way.people.staff("moderator", "990101002001")]
    others += [way.people.resident(), way.people.nobody()]
    assert [status(who, photo) for who in [way.officer, *others[3:5]]] == [[404] * 3] * 3
    assert status(way.author, photo) == [200] * 3
    assert opened() == [], "it is their own"
    assert status(way.moderator, photo) == [200] * 3
    assert opened() == ["photo.document_opened"] * 2 + ["photo.original_opened"]
    assert way.moderator.get("/v1/moderation/photos").get_json()["items"] == [], "nobody looks what to cover in it"
    assert way.decide(submission, "accept").status_code == 200
    assert status(way.officer, photo) == [200] * 3, "who has the case by now"
    for who in (way.moderator, *others[1:]):
        assert set(status(who, photo)) <= {401, 404}, "and nobody else, whatever their scope"
    assert len(opened()) == 6
    said = way.officer.get(f"/v1/photos/{photo}").get_json()
    assert not [link for link in said["renditions"].values() if "?" in link], "a link would be opened unseen"


def test_no_other_photo_is_held_against_them(way: Way) -> None:
    data = snapshot()
    before = way.photo(way.author, data)
    card, other = way.photo(way.author, data), way.photo(way.author)
    assert rows(select(PhotoFingerprint.photo_id).where(PhotoFingerprint.photo_id == card))
    asked(way, {"disability_card": other, "id_card": card})
    after = way.photo(way.author, data)
    likes = {row.other_id for row in rows(select(PhotoLikeness.other_id).where(PhotoLikeness.photo_id == after))}
    assert likes == {before}
    kept = rows(select(PhotoFingerprint.photo_id).where(PhotoFingerprint.photo_id.in_([card, other])))
    assert kept == []


def closed(way: Way, submission: str) -> None:
    for name in ("accept", "start"):
        assert way.act(way.officer, submission, name).status_code == 200
    assert way.resolve(submission).status_code == 200
    assert way.act(way.supervisor, submission, "verify").status_code == 200
    assert way.move(way.author, submission, "rate", resolved=True, satisfaction=5).status_code == 200


def test_they_are_gone_a_while_after_it_is_over_rows_and_files(way: Way, clock: HeldClock) -> None:
    there = files()
    shown = papers(way)
    brought = files() - there
    submission = asked(way, shown)
    way.decide(submission, "accept")
    closed(way, submission)
    (first, second) = way.author.get(f"/v1/submissions/{submission}").get_json()["documents"]
    assert first["forget_at"] == second["forget_at"] == "2026-12-23T02:00:00Z"
    clock.forward(days=29.9)
    assert documents.forget_documents() == 0
    clock.forward(days=0.2)
    assert documents.forget_documents() == 2
    assert documents.forget_documents() == 0
    assert rows(select(Photo.id).where(Photo.id.in_(list(shown.values())))) == []
    assert rows(select(Document.photo_id)) == []
    assert files() & brought == set(), "every file of theirs"
    way.work()
    seen = way.author.get(f"/v1/submissions/{submission}").get_json()
    assert seen["documents"] == []
    last = way.author.get(f"/v1/submissions/{submission}/timeline").get_json()["items"][-1]
    assert (last["move"], last["by"]) == ("forget_documents", "system")
    assert "documents" in last["text"]
    told = way.author.get("/v1/me/updates?limit=100").get_json()["items"]
    assert [each["fact"] for each in told if each["fact"] == "forget_documents"] == ["forget_documents"]
    assert status(way.author, shown["id_card"]) == [404] * 3


def test_a_service_may_keep_them_longer_and_what_is_opened_again_needs_them_again(way: Way, clock: HeldClock) -> None:
    with transaction():
        execute(update(Service).where(Service.code == CODE).values(keep_days=90))
    submission = asked(way, papers(way))
    way.decide(submission, "accept")
    closed(way, submission)
    clock.forward(days=80)
    assert documents.forget_documents() == 0
    assert way.move(way.author, submission, "reopen", note="The card is wrong.").status_code == 200
    clock.forward(days=30)
    assert documents.forget_documents() == 0
    seen = way.author.get(f"/v1/submissions/{submission}").get_json()["documents"]
    assert [each["forget_at"] for each in seen] == [None, None]


@pytest.mark.parametrize("end", ["withdraw", "reject"])
def test_what_comes_to_nothing_needs_none_either(way: Way, clock: HeldClock, end: str) -> None:
    submission = asked(way, papers(way))
    if end == "withdraw":
        way.move(way.author, submission, "withdraw")
    else:
        way.decide(submission, "reject", reason="unclear", note="Which card?")
    clock.forward(days=31)
    assert documents.forget_documents() == 2


def test_other_papers_take_the_place_of_those_that_were_wrong(way: Way) -> None:
    shown = papers(way)
    submission = asked(way, shown)
    way.decide(submission, "return", note="The identity card is cut off.")
    other = way.photo(way.author)
    details = {"service": CODE, "states_need": True, "documents": {"id_card": other}}
    assert way.move(way.author, submission, "resubmit", changes={"details": details}).status_code == 200
    seen = way.author.get(f"/v1/submissions/{submission}").get_json()["documents"]
    assert {each["document"]: each["photo_id"] for each in seen} == shown | {"id_card": other}
    assert rows(select(Photo.id).where(Photo.id == shown["id_card"])) == []
    edits = {"details": {"service": CODE, "documents": {"id_card": other}}}
    assert code_of(way.decide(submission, "accept", edits=edits, note="No.")) == (422, "invalid")


def test_what_turns_out_to_be_no_service_needs_none(way: Way) -> None:
    shown = papers(way)
    submission = asked(way, shown)
    edits = {"kind": "micro_suggestion", "details": {}}
    assert way.decide(submission, "accept", edits=edits, note="It is a wish.").status_code == 200
    assert rows(select(Photo.id).where(Photo.id.in_(list(shown.values())))) == []
    assert rows(select(Document.photo_id)) == []
    assert "service" not in way.author.get(f"/v1/submissions/{submission}").get_json()


def test_an_officer_shows_the_form_of_consent_and_need_photograph_nothing_they_have_seen(way: Way) -> None:
    form = str(upload(way.officer).get_json()["id"])
    way.work()
    details = {"service": OTHER, "states_need": True}
    assert refused(way.filed_for("+8613900001111", details=details)) == [
        ("submission.details.documents.id_card", "required")
    ]
    answer = way.filed_for("+8613900001111", details=details, form=form, seen=True)
    assert answer.status_code == 201, answer.get_json()
    assert [each["document"] for each in answer.get_json()["documents"]] == ["consent"]
    assert status(way.officer, form) == [200] * 3
    assert len(opened()) == 3, "it is not the officer's own"
    assert status(way.people.staff("grid_officer", way.cell), form) == [404] * 3


def test_the_worker_forgets_them() -> None:
    assert documents.forget_documents in worker.FORGETTING
