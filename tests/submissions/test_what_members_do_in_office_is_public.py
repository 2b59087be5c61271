"""A member's ledger: what they filed, signed and took charge of is public; what they do as residents is not in it."""

from typing import Any

import pytest

from participate.accounts.models import RoleGrant
from participate.kernel.auth import Grant
from participate.kernel.db import db, transaction
from tests.people import Person
from tests.steps import Way
from tests.submissions.test_a_proposal_is_signed_and_filed import PARTS, _filed, _invite, _signed


@pytest.fixture
def members(way: Way) -> list[Person]:
    return [way.people.staff("member") for _ in range(3)]


def ledger(reader: Person, of: Person, query: str = "") -> dict[str, Any]:
    answer = reader.get(f"/v1/members/{of.account_id}/ledger{query}")
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def deeds(reader: Person, of: Person, query: str = "") -> list[tuple[str, str]]:
    """What is listed, and that it is what is counted."""
    found = ledger(reader, of, query)
    listed = [(each["deed"], each["id"]) for each in found["items"]]
    if not query:
        for deed in ("filed", "cosigned", "adopted"):
            assert found["counts"][deed] == sum(each == deed for each, _ in listed)
        assert found["counts"]["answered"] == sum(each["answered"] for each in found["items"])
    return listed


def test_what_is_filed_signed_and_taken_charge_of_stands_there_for_all(
    way: Way, members: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    author, signer, idle = members
    nobody = way.people.nobody()
    proposal = _signed(way, author, signer, title="Stands")
    for each in (author, signer):
        assert deeds(nobody, each) == [], "nothing is filed yet"
    _filed(way, monkeypatch, proposal)
    suggestion = way.accepted("micro_suggestion")
    assert way.move(signer, suggestion, "adopt").status_code == 200
    assert way.move(signer, suggestion, "report_progress", note="I went and looked.").status_code == 200
    assert deeds(nobody, author) == [("filed", proposal)]
    assert deeds(nobody, signer) == [("adopted", suggestion), ("cosigned", proposal)]
    assert deeds(nobody, idle) == []
    shown = ledger(nobody, signer)
    assert (shown["member"]["name"], shown["counts"]["reported"], shown["counts"]["answered"]) == ("Staff", 1, 0)
    filed = shown["items"][1]
    assert (filed["title"], filed["kind"], filed["number"][-5:]) == ("Stands", "micro_proposal", "-0001")
    assert deeds(nobody, signer, "?deed=cosigned") == [("cosigned", proposal)]
    first = ledger(nobody, signer, "?limit=1")
    assert [each["id"] for each in first["items"]] == [suggestion]
    assert deeds(nobody, signer, f"?limit=1&cursor={first['next']}") == [("cosigned", proposal)]
    assert way.move(signer, suggestion, "hand_back", note="I move away.").status_code == 200
    assert deeds(nobody, signer) == [("cosigned", proposal)]


def test_what_is_not_of_their_office_or_not_for_all_is_theirs_alone(
    way: Way, members: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    author, signer, other = members
    way.accepted("snap_report", author)
    way.accepted("micro_supervision", author)
    way.accepted("micro_suggestion", author)
    unnamed = _signed(way, author, signer, anonymous=True)
    _filed(way, monkeypatch, unnamed)
    waiting = way.hand_in("micro_proposal", author, details=PARTS)
    suggestion = way.accepted("micro_suggestion", author, title="Stands")
    carried = way.move(way.moderator, suggestion, "convert", into="micro_proposal").get_json()["lineage"][0]["id"]
    assert way.decide(carried, "accept").status_code == 200
    _filed(way, monkeypatch, carried)
    for reader in (way.people.nobody(), signer, other, way.moderator, way.supervisor, way.people.staff("auditor", "")):
        assert deeds(reader, author) == []
    assert deeds(author, author) == [("filed", carried), ("filed", waiting), ("filed", unnamed)]
    assert deeds(way.people.nobody(), signer) == [("cosigned", unnamed)], "who signed it is not unnamed"


def test_who_has_not_signed_it_themselves_is_not_named(
    way: Way, members: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    author, other, asked = members
    proposal = way.accepted("micro_proposal", author, details=PARTS)
    assert _invite(way, author, proposal, asked).status_code == 200
    same = way.hand_in("micro_proposal", other, details=PARTS)
    assert way.decide(same, "merge", merge_into=proposal).status_code == 200
    _filed(way, monkeypatch, proposal)
    assert deeds(way.people.nobody(), other) == []
    assert deeds(other, other) == [("filed", same), ("cosigned", proposal)]
    assert deeds(way.people.nobody(), asked) == deeds(asked, asked) == []


def test_a_proposal_of_a_resident_does_not_follow_them_into_office(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    proposal = way.accepted("micro_proposal", details=PARTS)
    _filed(way, monkeypatch, proposal)
    nobody = way.people.nobody()
    assert nobody.get(f"/v1/members/{way.author.account_id}/ledger").status_code == 404
    assert way.author.get(f"/v1/members/{way.author.account_id}/ledger").status_code == 404
    with transaction():
        db.session.add(RoleGrant(account_id=way.author.account_id, role="member", area="990101"))
    assert deeds(nobody, way.author) == []
    assert deeds(way.author, way.author) == [("filed", proposal)]


def test_members_are_listed_once_each_and_nobody_else(way: Way, members: list[Person]) -> None:
    both = way.people.staff_with(Grant("member", "990101"), Grant("member", "990102"), Grant("moderator", "990101"))
    found, cursor = list[str](), ""
    while True:
        shown = way.people.nobody().get(f"/v1/members?limit=2{cursor}").get_json()
        assert all(set(each) == {"id", "name"} for each in shown["items"])
        found += [each["id"] for each in shown["items"]]
        if shown["next"] is None:
            break
        cursor = f"&cursor={shown['next']}"
    ours = {each.account_id for each in (*members, both)}
    assert (len(found), ours <= set(found)) == (len(set(found)), True)
    assert not {way.author.account_id, way.officer.account_id, way.moderator.account_id} & set(found)


@pytest.mark.parametrize("query", ["deed=answered", "limit=0", "cursor=x", "deed="])
def test_what_makes_no_sense_is_said(way: Way, members: list[Person], query: str) -> None:
    assert way.author.get(f"/v1/members/{members[0].account_id}/ledger?{query}").status_code == 422
    for nobody in (way.officer.account_id, "019aafc3-7c00-7000-8000-000000000001"):
        assert way.author.get(f"/v1/members/{nobody}/ledger").status_code == 404


def test_members_alone_read_by_which_name_another_is_invited(way: Way) -> None:
    member, other = (way.people.staff("member") for _ in range(2))
    wanted = {other.account_id: other.get("/v1/me").get_json()["username"]}
    listed = {each["id"]: each["username"] for each in member.get("/v1/members").get_json()["items"]}
    assert listed.items() >= wanted.items()
    for who in (way.people.nobody(), way.author, way.moderator):
        assert all("username" not in each for each in who.get("/v1/members").get_json()["items"])
