"""Members sign a proposal until a day; the staff file it by number, or say why not; all its authors judge."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from participate.cases import queries as cases
from participate.kernel import deadlines
from participate.kernel.clock import now
from tests.people import Person
from tests.steps import Way, at_once, code_of

SOON = timedelta(days=3)
PARTS = {"situation": "No stands.", "analysis": "More bicycles.", "ask": "Sixty stands."}


@pytest.fixture
def members(way: Way) -> list[Person]:
    return [way.people.staff("member") for _ in range(4)]


def _name(who: Person) -> str:
    return str(who.get("/v1/me").get_json()["username"])


def _invite(way: Way, author: Person, proposal: str, *asked: Person, **fields: Any) -> Any:
    return way.move(author, proposal, "invite", members=[_name(each) for each in asked], **fields)


def _filing(who: Person, proposal: str) -> dict[str, Any]:
    found: dict[str, Any] = who.get(f"/v1/submissions/{proposal}").get_json()["filing"]
    return found


def _heard(who: Person) -> list[str]:
    return [each["fact"] for each in who.get("/v1/me/updates?limit=100").get_json()["items"]]


def _later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    moment = now() + by
    for module in ("participate.submissions.guards",):
        monkeypatch.setattr(f"{module}.now", lambda: moment)


def _signed(way: Way, author: Person, *signers: Person, **fields: Any) -> str:
    """A proposal that these have signed, and that was accepted."""
    proposal = way.hand_in("micro_proposal", author, details=PARTS, **fields)
    assert _invite(way, author, proposal, *signers).status_code == 200
    for each in signers:
        assert way.move(each, proposal, "cosign").status_code == 200
    assert way.decide(proposal, "accept").status_code == 200
    return proposal


def _filed(way: Way, monkeypatch: pytest.MonkeyPatch, proposal: str, **fields: Any) -> Any:
    with monkeypatch.context() as patch:
        _later(patch, timedelta(days=15))
        answer = way.move(way.moderator, proposal, "file", **fields)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def test_only_who_was_asked_reads_and_signs_it(way: Way, members: list[Person]) -> None:
    author, asked, other, refuses = members
    proposal = way.hand_in("micro_proposal", author, details=PARTS)
    assert asked.get(f"/v1/submissions/{proposal}").status_code == 404
    until = (now() + SOON).isoformat()
    shown = _invite(way, author, proposal, asked, refuses, cosign_until=until).get_json()
    assert {each["state"] for each in shown["filing"]["cosigners"]} == {"invited"}
    assert _heard(asked) == ["invite"]
    assert way.move(other, proposal, "cosign").status_code == 404
    seen = asked.get(f"/v1/submissions/{proposal}").get_json()
    assert (seen["moves"], "receipt" in seen) == (["cosign", "decline"], False)
    assert way.move(asked, proposal, "cosign").get_json()["filing"]["signed"] == 1
    assert way.move(refuses, proposal, "decline").status_code == 200
    assert code_of(way.move(asked, proposal, "cosign")) == (403, "move_not_yours")
    assert way.move(asked, proposal, "unsign").get_json()["filing"]["signed"] == 0
    assert way.move(asked, proposal, "cosign").status_code == 200
    assert {"cosign", "decline", "unsign"} <= set(_heard(author))
    assert way.decide(proposal, "accept").status_code == 200
    public = way.people.nobody().get(f"/v1/submissions/{proposal}").get_json()
    assert public["filing"]["signed"] == 1
    assert "cosigners" not in public["filing"]
    assert way.move(other, proposal, "cosign").status_code == 403


def test_an_invitation_is_a_members_and_goes_to_members(way: Way, members: list[Person]) -> None:
    author, asked, *_ = members
    mine, residents = way.hand_in("micro_proposal", author), way.hand_in("micro_proposal")
    assert code_of(_invite(way, way.author, residents, asked)) == (403, "move_not_yours")
    for names in (["nobody"], [_name(author)], [_name(way.moderator)]):
        answer = way.move(author, mine, "invite", members=names)
        assert [(each["field"], each["code"]) for each in answer.get_json()["errors"]] == [
            ("members.0", "unknown_member")
        ]
    assert way.move(author, mine, "invite").status_code == 422
    for days, code in ((-1, "too_early"), (91, "too_late")):
        answer = _invite(way, author, mine, asked, cosign_until=(now() + timedelta(days=days)).isoformat())
        assert [each["code"] for each in answer.get_json()["errors"]] == [code]
    assert _invite(way, author, mine, asked).status_code == 200
    again = _invite(way, author, mine, asked, cosign_until=(now() + SOON).isoformat())
    assert [each["code"] for each in again.get_json()["errors"]] == ["set_already"]
    suggestion = way.hand_in("micro_suggestion", author)
    assert code_of(_invite(way, author, suggestion, asked)) == (403, "move_not_yours")


def test_nobody_signs_after_the_day_and_nothing_is_filed_before(
    way: Way, members: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    author, asked, late, _ = members
    proposal = _signed(way, author, asked)
    assert _invite(way, author, proposal, late).status_code == 200
    assert code_of(way.move(way.moderator, proposal, "file")) == (409, "still_signing")
    with monkeypatch.context() as patch:
        _later(patch, timedelta(days=15))
        for who, name in ((late, "cosign"), (late, "decline"), (asked, "unsign")):
            assert code_of(way.move(who, proposal, name)) == (409, "cosigning_over")
        assert way.move(way.moderator, proposal, "file").status_code == 200
    assert code_of(way.move(late, proposal, "cosign")) == (409, "filed_already")


def test_who_mends_it_asks_for_the_signatures_anew(way: Way, members: list[Person]) -> None:
    author, asked, *_ = members
    proposal = way.hand_in("micro_proposal", author)
    _invite(way, author, proposal, asked)
    way.move(asked, proposal, "cosign")
    assert way.decide(proposal, "return", reason="unclear", note="Say more.").status_code == 200
    assert way.move(author, proposal, "resubmit", changes={"body": "Sixty stands, please."}).status_code == 200
    assert _filing(author, proposal)["signed"] == 0
    assert way.move(asked, proposal, "cosign").status_code == 200


def test_two_signatures_at_once_are_one(way: Way, members: list[Person]) -> None:
    author, asked, *_ = members
    proposal = way.hand_in("micro_proposal", author)
    _invite(way, author, proposal, asked)
    path, body = f"/v1/submissions/{proposal}/moves", {"move": "cosign"}
    answers = at_once(*[partial(asked.post, path, body)] * 3)
    assert sorted(each.status_code for each in answers) == [200, 403, 403]
    seen = author.get(f"/v1/submissions/{proposal}").get_json()
    assert (seen["filing"]["signed"], seen["affected"]) == (1, 2)


def test_numbers_are_without_gaps_however_many_file_at_once(way: Way) -> None:
    proposals = [way.accepted("micro_proposal") for _ in range(4)]
    calls = [partial(way.moderator.post, f"/v1/submissions/{each}/moves", {"move": "file"}) for each in proposals * 2]
    answers = at_once(*calls)
    assert sorted(each.status_code for each in answers) == [200] * 4 + [409] * 4
    refused = [code_of(each)[1] for each in answers if each.status_code == 409]
    assert refused == ["filed_already"] * 4
    way.work()
    listed = way.people.nobody().get("/v1/proposals").get_json()["items"]
    year = now().year
    assert [each["number"] for each in listed] == [f"{year}-{number:04d}" for number in (4, 3, 2, 1)]
    assert all(cases.of_submission(each) is not None for each in proposals)


def test_a_number_that_is_not_used_is_given_to_the_next(way: Way) -> None:
    first, second = (way.accepted("micro_proposal") for _ in range(2))
    assert code_of(way.move(way.moderator, first, "file", headers={"If-Match": '"99"'})) == (412, "stale")
    assert way.move(way.moderator, second, "file").get_json()["filing"]["number"].endswith("-0001")


def test_not_filed_is_said_with_a_reason_to_all_and_stays_to_be_read(way: Way, members: list[Person]) -> None:
    author, asked, *_ = members
    proposal = _signed(way, author, asked)
    assert way.move(way.moderator, proposal, "shelve").status_code == 422
    assert way.move(way.author, proposal, "shelve", note="No.").status_code == 403
    shown = way.move(way.moderator, proposal, "shelve", note="It is under way already.").get_json()
    assert (shown["state"], cases.of_submission(proposal)) == ("rejected", None)
    for who in (author, asked):
        told = who.get("/v1/me/updates?limit=100").get_json()["items"][-1]
        assert told["fact"] == "shelve"
        assert "under way already" in told["text"]
    assert way.people.nobody().get(f"/v1/submissions/{proposal}").status_code == 200
    assert way.move(author, proposal, "appeal", note="It is not.").get_json()["state"] == "in_moderation"


def test_who_may_file_mark_and_shelve(way: Way, members: list[Person]) -> None:
    proposal = way.accepted("micro_proposal")
    others = (way.author, members[0], way.officer, way.dispatcher, way.supervisor)
    elsewhere = way.people.staff("moderator", "990102")
    for name, fields in (("file", {}), ("shelve", {"note": "No."}), ("mark", {"mark": "key"})):
        for who in (*others, elsewhere):
            assert code_of(way.move(who, proposal, name, **fields)) == (403, "move_not_yours"), name
    own = way.accepted("micro_proposal", way.people.staff("moderator"))
    assert code_of(way.move(way.moderator, own, "mark", mark="key")) == (409, "not_filed")
    suggestion = way.accepted("micro_suggestion")
    assert code_of(way.move(way.moderator, suggestion, "file")) == (409, "wrong_kind")


def test_nobody_files_their_own(way: Way) -> None:
    moderator = way.people.staff("moderator")
    own = way.accepted("micro_proposal", moderator)
    assert code_of(way.move(moderator, own, "file")) == (409, "own_submission")


def test_marks_are_set_once_and_the_list_is_narrowed(way: Way) -> None:
    proposals = [way.accepted("micro_proposal") for _ in range(3)]
    for each in proposals:
        assert way.move(way.moderator, each, "file").status_code == 200
    mark = partial(way.moderator.post, f"/v1/submissions/{proposals[1]}/moves", {"move": "mark", "mark": "key"})
    answers = at_once(mark, mark)
    assert sorted(each.status_code for each in answers) == [200, 409]
    read = way.people.nobody().get
    assert [each["id"] for each in read("/v1/proposals?mark=key").get_json()["items"]] == [proposals[1]]
    assert read("/v1/proposals?mark=excellent").get_json()["items"] == []
    assert read("/v1/proposals?year=2001").get_json()["items"] == []
    first = read(f"/v1/proposals?year={now().year}&limit=2").get_json()
    rest = read(f"/v1/proposals?year={now().year}&limit=2&cursor={first['next']}").get_json()
    assert [each["id"] for each in first["items"] + rest["items"]] == proposals[::-1]


def test_a_hard_one_has_six_months_and_says_why_beforehand(way: Way) -> None:
    plain, hard = (way.accepted("micro_proposal", category="E0201") for _ in range(2))
    assert way.move(way.moderator, hard, "file", hard=True).status_code == 422
    for proposal, fields, days in ((plain, {}, 90), (hard, {"hard": True, "note": "Three bureaus."}, 180)):
        assert way.move(way.moderator, proposal, "file", **fields).status_code == 200
        case = way.dispatcher.get(f"/v1/cases/{way.case(proposal)}").get_json()
        steps = way.people.nobody().get(f"/v1/submissions/{proposal}/timeline").get_json()["items"]
        assert fields.get("note") in [step["note"] for step in steps if step["move"] == "file"]
        assert case["state"] == "filed"
        assert timedelta(days=days - 1) < _until(way, proposal) - now() < timedelta(days=days + 1)


def _until(way: Way, proposal: str) -> Any:
    found = deadlines.running(way.case(proposal), "resolve")
    assert found is not None
    return found.due_at


def test_it_is_no_longer_than_one_matter_takes(way: Way) -> None:
    body = {"kind": "micro_proposal", "body": "x" * 1000, "details": {"situation": "y" * 1000, "ask": "z" * 501}}
    answer = way.author.post("/v1/submissions", body)
    assert [each["code"] for each in answer.get_json()["errors"]] == ["proposal_too_long"]
    body["details"] = {"situation": "y" * 1000, "ask": "z" * 500}
    assert way.author.post("/v1/submissions", body).status_code == 201


def test_merging_keeps_all_authors(way: Way, members: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    author, asked, other, signs = members
    proposal = _signed(way, author, asked)
    twin = way.hand_in("micro_proposal", other)
    _invite(way, other, twin, signs)
    way.move(signs, twin, "cosign")
    assert way.decide(twin, "merge", merge_into=proposal).status_code == 200
    signed = {each["account"] for each in _filing(author, proposal)["cosigners"] if each["state"] == "signed"}
    assert signed == {asked.account_id, other.account_id, signs.account_id}
    _filed(way, monkeypatch, proposal)
    assert "file" in _heard(signs)
    assert way.move(other, twin, "split", note="It is another matter.").status_code == 200
    assert {each["account"] for each in _filing(author, proposal)["cosigners"]} == {asked.account_id}


def test_who_came_with_a_merged_proposal_unnamed_is_counted_and_nowhere_named(way: Way, members: list[Person]) -> None:
    author, asked, other, _ = members
    proposal = _signed(way, author, asked)
    for whose, hidden in ((way.author, {}), (other, {"anonymous": True})):
        twin = way.hand_in("micro_proposal", whose, **hidden)
        assert way.decide(twin, "merge", merge_into=proposal).status_code == 200
    for reader in (author, asked, way.moderator):
        shown = _filing(reader, proposal)
        assert shown["signed"] == 3
        assert [each["account"] for each in shown["cosigners"]] == [asked.account_id]


def test_each_cosigner_rates_and_whoever_is_not_satisfied_has_it_done_again(
    way: Way, members: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    author, first, second, _ = members
    proposal = _signed(way, author, first, second)
    _filed(way, monkeypatch, proposal)
    for again in range(3):
        _answered(way, proposal, anew=again > 0)
        if again == 0:
            content = {"resolved": True, "satisfaction": 5}
            assert way.move(second, proposal, "rate", **content).status_code == 200
            assert code_of(way.move(second, proposal, "rate", **content)) == (409, "rated_already")
        if again < 2:
            assert code_of(way.move(way.moderator, proposal, "talk", note="We met.")) == (409, "reopen_first")
            shown = way.move(first, proposal, "rate", resolved=False, satisfaction=1, comment="Not done.").get_json()
            assert shown["state"] == "assigned"
    shown = way.move(first, proposal, "rate", resolved=False, satisfaction=1).get_json()
    assert shown["state"] == "answered", "it was done again twice: now there is a talk"
    assert way.move(first, proposal, "reopen", note="Again.").status_code == 409
    assert way.move(way.moderator, proposal, "talk", note="We met; stands come in May.").status_code == 200
    steps = way.people.nobody().get(f"/v1/submissions/{proposal}/timeline?limit=100").get_json()["items"]
    assert steps[-1]["note"] == "We met; stands come in May."
    assert way.move(author, proposal, "rate", resolved=True, satisfaction=3).get_json()["state"] == "closed"


def _answered(way: Way, proposal: str, anew: bool) -> None:
    steps: list[tuple[Person, str, dict[str, Any]]] = []
    if not anew:
        steps = [
            (way.dispatcher, "dispatch", {"to": {"assignee": way.officer.account_id}}),
            (way.officer, "accept", {}),
        ]
    reply = {"note": "Sixty stands were put up at the north gate on Monday.", "answer_class": "A"}
    steps += [(way.officer, "start", {}), (way.officer, "resolve", reply), (way.supervisor, "verify", {})]
    for who, name, fields in steps:
        answer = way.act(who, proposal, name, **fields)
        assert answer.status_code == 200, (name, answer.get_json())
