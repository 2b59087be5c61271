"""The complete file of a proposal: what its reader may see, as data and on paper, and no more than that."""

import json
import re
import zlib
from base64 import a85decode
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import insert

from participate.cases.dossiers import gathering, packing
from participate.kernel.clock import now
from participate.kernel.db import execute, table, transaction
from participate.kernel.ids import new_id
from participate.submissions.models import Rating
from tests.people import Person
from tests.steps import Way

REPLY = "北门东侧已划出六十个非机动车停车位，并加装了充电设施，欢迎使用。"
PARTS = {"situation": "北门没有停车位。", "analysis": "电动车逐年增加。", "ask": "划出 60 个车位。"}


def _opened(who: Person, proposal: str, language: str = "en") -> ZipFile:
    answer = who.get(f"/v1/submissions/{proposal}/file", headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.get_json()
    assert answer.headers["Content-Type"] == "application/zip"
    return ZipFile(BytesIO(answer.get_data()))


def _told(who: Person, proposal: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_opened(who, proposal).read("file.json"))
    return found


def _text(paper: bytes) -> str:
    """What the PDF says: each piece of its streams in the two-byte codes of its font."""
    said = ""
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", paper, re.DOTALL):
        body = packed.strip().removesuffix(b"~>")
        try:
            said += zlib.decompress(a85decode(body)).decode("latin-1")
        except (ValueError, zlib.error):
            continue
    pieces = re.findall(r"\(((?:[^()\\]|\\.)*)\) Tj", said)
    codes = (re.sub(r"\\([0-7]{3}|.)", _unescaped, piece).encode("latin-1") for piece in pieces)
    return "".join(code.decode("utf-16-be") for code in codes)


def _unescaped(found: re.Match[str]) -> str:
    said = found[1]
    return (
        chr(int(said, 8)) if said.isdigit() else {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}.get(said, said)
    )


def _answered(way: Way, monkeypatch: pytest.MonkeyPatch, **fields: Any) -> tuple[str, Person, Person]:
    """A proposal that a member has signed too, and that two have answered; with its author and who has signed it."""
    author, signer = (way.people.staff("member") for _ in range(2))
    proposal = way.hand_in("micro_proposal", author, title="北门停车位 <b>&", details=PARTS, **fields)
    name = signer.get("/v1/me").get_json()["username"]
    assert way.move(author, proposal, "invite", members=[name]).status_code == 200
    assert way.move(signer, proposal, "cosign").status_code == 200
    assert way.decide(proposal, "accept").status_code == 200
    with monkeypatch.context() as patch:
        later = now() + timedelta(days=15)
        patch.setattr("participate.submissions.guards.now", lambda: later)
        assert way.move(way.moderator, proposal, "file").status_code == 200
    _answer(way, proposal)
    return proposal, author, signer


def _answer(way: Way, proposal: str) -> None:
    other, reply = way.people.staff("grid_officer", way.cell), {"note": REPLY, "answer_class": "A"}
    to = {"assignee": way.officer.account_id}
    assert way.act(way.dispatcher, proposal, "dispatch", to=to).status_code == 200
    assert way.act(way.officer, proposal, "accept").status_code == 200
    assert way.act(way.dispatcher, proposal, "invite", to={"assignee": other.account_id}).status_code == 200
    for name, given in (("start", {}), ("propose", reply)):
        assert way.act(way.officer, proposal, name, **given).status_code == 200, name
    case = way.officer.get(f"/v1/cases/{way.case(proposal)}").get_json()
    path = f"/v1/cases/{case['id']}/cohandlers/{case['cohandlers'][0]['id']}/moves"
    assert other.post(path, {"move": "countersign"}).status_code == 200
    assert way.act(way.officer, proposal, "resolve", **reply).status_code == 200
    assert way.act(way.supervisor, proposal, "verify").status_code == 200


def test_each_reader_takes_along_what_they_see(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    proposal, author, signer = _answered(way, monkeypatch)
    assert way.move(signer, proposal, "rate", resolved=True, satisfaction=4).status_code == 200
    readers = {"public": way.people.nobody(), "author": author, "signer": signer, "desk": way.supervisor}
    told = {name: _told(who, proposal) for name, who in readers.items()}
    assert {name: each["seen_as"] for name, each in told.items()} == {
        **{"public": "public", "author": "author", "signer": "public", "desk": "desk"}
    }
    for name, who in readers.items():
        shown = who.get(f"/v1/submissions/{proposal}").get_json()
        kept = told[name]["proposal"]
        assert kept == {key: value for key, value in shown.items() if key in kept}
        steps = who.get(f"/v1/submissions/{proposal}/timeline?limit=100").get_json()["items"]
        assert told[name]["timeline"] == steps
    assert {"receipt", "moves"}.isdisjoint(told["author"]["proposal"])
    assert ["cosigners" in each["proposal"]["filing"] for each in told.values()] == [False, True, True, True]
    assert [step["answer_class"] for step in told["public"]["replies"]] == ["A"]
    assert [len(each["countersignatures"]) for each in told.values()] == [0, 0, 0, 1]
    assert told["desk"]["countersignatures"][0]["state"] == "countersigned"
    assert told["desk"]["ratings"] == [{"answer": 1, "rated": 1, "resolved": 1, "satisfaction": 4.0}]
    few = [{"answer": 1, "rated": 1, "resolved": None, "satisfaction": None}]
    assert [told[name]["ratings"] for name in ("public", "author", "signer")] == [few] * 3


def test_what_enough_people_say_is_told_in_sum(way: Way) -> None:
    proposal = way.accepted("micro_proposal")
    with transaction():
        for satisfaction in (1, 2, 3, 4, 4):
            row = {"id": new_id(), "submission_id": proposal, "account_id": way.people.resident().account_id}
            row |= {
                "answer": 0,
                "resolved": satisfaction > 2,
                "satisfaction": satisfaction,
                "comment": "A",
                "at": now(),
            }
            execute(insert(table(Rating)).values(row))
    assert _told(way.people.nobody(), proposal)["ratings"] == [
        {"answer": 1, "rated": 5, "resolved": 3, "satisfaction": 2.8}
    ]


def test_the_paper_is_read_in_chinese_and_english(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    proposal, *_ = _answered(way, monkeypatch)
    for language, words in (("zh-Hans", ("办理答复", "办理过程", "立案号")), ("en", ("Replies", "What happened"))):
        paper = _opened(way.people.nobody(), proposal, language).read("file.pdf")
        said = _text(paper)
        assert paper.startswith(b"%PDF-")
        for part in (*words, *PARTS.values(), "北门停车位<b>&".replace("<", " <"), REPLY):
            assert part.replace(" ", "") in said.replace(" ", "").replace("\n", ""), part


def test_whom_it_is_not_for_finds_nothing(way: Way) -> None:
    waiting = way.hand_in("micro_proposal", way.author)
    elsewhere = way.people.staff("supervisor", "990102")
    for who in (way.people.nobody(), way.people.resident(), elsewhere):
        assert who.get(f"/v1/submissions/{waiting}/file").status_code == 404
    assert _told(way.author, waiting)["proposal"]["state"] == "in_moderation"
    for kind in ("micro_suggestion", "micro_supervision"):
        other = way.accepted(kind)
        for who in (way.author, way.moderator):
            assert who.get(f"/v1/submissions/{other}/file").status_code == 404
    assert way.people.nobody().get(f"/v1/submissions/{new_id()}/file").status_code == 404


def test_its_pictures_go_along_as_far_as_they_may_and_fit(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    photos = [way.photo(way.author) for _ in range(3)]
    proposal = way.hand_in("micro_proposal", photo_ids=photos)
    task = way.task(proposal)["id"]
    path = f"/v1/moderation/tasks/{task}/decision"
    hidden = way.moderator.post(
        path, {"decision": "hide_photo", "photo_ids": photos[:1], "reason": "personal_data", "note": "A face."}
    )
    assert hidden.status_code == 200, hidden.get_json()
    assert way.decide(proposal, "accept").status_code == 200
    for who, number in ((way.people.nobody(), 2), (way.author, 3)):
        archive = _opened(who, proposal)
        told = json.loads(archive.read("file.json"))["photos"]
        assert [each["file"] for each in told] == [f"photos/{n:02d}.jpg" for n in range(1, number + 1)]
        seen = [who.get(f"/v1/photos/{each['id']}/view").get_data() for each in told]
        assert [archive.read(each["file"]) for each in told] == seen
        assert (photos[0] in {each["id"] for each in told}) == (number == 3)
    monkeypatch.setattr(packing, "MOST_PICTURED", len(seen[0]))
    assert [each["file"] for each in _told(way.author, proposal)["photos"]] == ["photos/01.jpg", None, None]


def test_it_has_an_end_and_the_same_bytes_as_long_as_it_tells_the_same(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = "字" * 1200 + "\x00\x07\u202e😀<font color='red'>&amp;" + "a" * 900
    proposal = way.accepted("micro_proposal", body=body.replace("\x00", ""))
    path = f"/v1/submissions/{proposal}/file"
    first, again = (way.author.get(path) for _ in range(2))
    assert first.get_data() == again.get_data()
    assert way.author.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    monkeypatch.setattr(gathering, "MOST_STEPS", 2)
    told = _told(way.author, proposal)
    assert (len(told["timeline"]), told["cut"]) == (2, True)
