"""Everyone chooses by which channels they are told, when and of what; of their own outcome they always are."""

from typing import Any

import pytest
from flask import Flask

from participate.config import from_environment
from participate.kernel.context import settings
from participate.kernel.db import rows, table
from participate.updates.channels.base import EMAIL, SMS
from participate.updates.deliveries import forgetting, unsubscribing
from participate.updates.deliveries.models import AddressCode, ChannelChoice, Delivery
from participate.updates.service import append
from tests.conftest import HeldClock
from tests.people import People, Person
from tests.steps import at_once, code_of
from tests.updates.conftest import Post, choose, deliveries, reachable, states
from tests.updates.entries import entry


@pytest.fixture
def resident(people: People) -> Person:
    return people.resident()


def shown(who: Person, channel: str) -> dict[str, Any]:
    answer = who.get("/v1/me/channels").get_json()
    found: dict[str, Any] = next(one for one in answer["channels"] if one["channel"] == channel)
    return found


def refused(answer: dict[str, Any]) -> set[tuple[str, str]]:
    return {(fault["field"], fault["code"]) for fault in answer["errors"]}


def test_at_first_there_is_the_feed_alone(resident: Person) -> None:
    answer = resident.get("/v1/me/channels").get_json()
    assert [(one["channel"], one["on"]) for one in answer["channels"]] == [
        ("in_app", True),
        ("email", False),
        ("sms", False),
        ("web_push", False),
        ("wechat", False),
    ]
    assert {one["concern"] for one in answer["concerns"] if not one["mutable"]} == {"outcome"}
    append([entry(resident, "outcome")])
    assert deliveries() == []


def test_what_comes_back_as_it_was_read_changes_nothing(resident: Person) -> None:
    choose(resident, {"channel": SMS, "on": True})
    fields = ("channel", "on", "address", "language", "quiet_from", "quiet_until", "digest_hour", "muted")
    before = shown(resident, SMS)
    choose(resident, {name: before[name] for name in fields})
    assert shown(resident, SMS) == before
    append([entry(resident, "outcome")])
    assert states() == ["waiting"]


def test_what_is_chosen_is_kept_and_replaced_as_a_whole(resident: Person) -> None:
    text = {"channel": SMS, "on": True, "quiet_from": "22:00", "quiet_until": "07:30", "digest_hour": 8}
    choose(resident, text | {"muted": ["joined", "staff"], "language": "en"})
    assert shown(resident, SMS) == {
        **text,
        "muted": ["joined", "staff"],
        "language": "en",
        "address": None,
        "available": True,
        "verified": True,
    }
    held = resident.get("/v1/me/channels")
    assert resident.get("/v1/me/channels", headers={"If-None-Match": held.headers["ETag"]}).status_code == 304
    choose(resident, **{"If-Match": held.headers["ETag"]})
    assert not shown(resident, SMS)["on"]
    choose(resident, text, status=412, **{"If-Match": held.headers["ETag"]})
    assert not shown(resident, SMS)["on"]


@pytest.mark.parametrize(
    ("chosen", "fault"),
    [
        ([{"channel": SMS, "on": True, "muted": ["joined", "outcome"]}], ("channels.0.muted.1", "outcome_not_mutable")),
        ([{"channel": "in_app", "on": False}], ("channels.0.on", "in_app_always")),
        ([{"channel": "in_app", "on": True, "muted": ["joined"]}], ("channels.0.on", "in_app_always")),
        ([{"channel": EMAIL, "on": True}], ("channels.0.on", "address_unverified")),
        ([{"channel": EMAIL, "on": True, "address": "me@example.org"}], ("channels.0.address", "address_unverified")),
        ([{"channel": SMS, "on": True, "quiet_from": "22:00"}], ("channels.0.quiet_until", "quiet_span")),
        ([{"channel": SMS, "on": True, "quiet_from": "24:00"}], ("channels.0.quiet_from", "form")),
        ([{"channel": SMS, "on": True}, {"channel": SMS, "on": False}], ("channels.1.channel", "named_twice")),
        ([{"channel": SMS, "on": True, "digest_hour": 24}], ("channels.0.digest_hour", "range")),
        ([{"channel": "pigeon", "on": True}], ("channels.0.channel", "choice")),
    ],
)
def test_what_cannot_be_is_refused_and_says_why(
    resident: Person, chosen: list[dict[str, Any]], fault: tuple[str, str]
) -> None:
    assert fault in refused(choose(resident, *chosen, status=422))
    assert resident.get("/v1/me/channels").get_json()["version"] == 0


def test_staff_without_a_phone_get_no_texts(people: People) -> None:
    staff = people.staff("dispatcher")
    assert ("channels.0.on", "no_phone") in refused(choose(staff, {"channel": SMS, "on": True}, status=422))


def test_an_address_is_verified_by_a_code_that_comes_there(resident: Person, post: Post, clock: HeldClock) -> None:
    asked = resident.post("/v1/me/channels/email/code", {"address": "Li.Si@example.org"})
    assert (asked.status_code, asked.get_json()["expires_in"]) == (202, 1800)
    assert not shown(resident, EMAIL)["on"]
    post.send()
    (mail,) = post.mail.taken
    assert mail["To"] == "Li.Si@example.org"
    assert asked.get_json()["demo_code"] in mail.get_content()
    assert "List-Unsubscribe" not in mail
    shown_code = {"code_id": asked.get_json()["code_id"], "code": asked.get_json()["demo_code"]}
    assert resident.post("/v1/me/channels/email/verify", shown_code).status_code == 200
    assert (shown(resident, EMAIL)["address"], shown(resident, EMAIL)["verified"]) == ("Li.Si@example.org", True)
    assert code_of(resident.post("/v1/me/channels/email/verify", shown_code)) == (403, "wrong_code")


def test_a_code_is_the_caller_s_own_and_cannot_be_guessed(people: People, resident: Person, clock: HeldClock) -> None:
    asked = resident.post("/v1/me/channels/email/code", {"address": "a@example.org"}).get_json()
    right = {"code_id": asked["code_id"], "code": asked["demo_code"]}
    assert people.resident().post("/v1/me/channels/email/verify", right).status_code == 403
    wrong = right | {"code": f"{(int(right['code']) + 1) % 10**6:06}"}
    for _ in range(5):
        assert resident.post("/v1/me/channels/email/verify", wrong).status_code == 403
    assert code_of(resident.post("/v1/me/channels/email/verify", right)) == (403, "wrong_code")
    late = resident.post("/v1/me/channels/email/code", {"address": "a@example.org"}).get_json()
    clock.forward(minutes=31)
    given = {"code_id": late["code_id"], "code": late["demo_code"]}
    assert resident.post("/v1/me/channels/email/verify", given).status_code == 403
    assert not shown(resident, EMAIL)["verified"]


def test_one_code_shown_twice_at_once_is_used_once(app: Flask, resident: Person) -> None:
    asked = resident.post("/v1/me/channels/email/code", {"address": "a@example.org"}).get_json()
    given = {"code_id": asked["code_id"], "code": asked["demo_code"]}
    answers = at_once(*[lambda: resident.post("/v1/me/channels/email/verify", given).status_code] * 3)
    assert sorted(answers) == [200, 403, 403]
    assert resident.get("/v1/me/channels").get_json()["version"] == 1


def test_choosing_twice_at_once_keeps_one_whole_choice(resident: Person) -> None:
    wanted = [{"channel": SMS, "on": True, "muted": [name], "digest_hour": 1} for name in ("joined", "staff")]
    answers = at_once(*[lambda one=one: choose(resident, one) for one in wanted * 2])
    assert len(answers) == 4
    assert shown(resident, SMS)["muted"] in (["joined"], ["staff"])
    assert resident.get("/v1/me/channels").get_json()["version"] == 4


def test_nobody_s_mailbox_is_filled_with_codes(people: People, stores: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    limited = from_environment(stores.environment(PARTICIPATE_RATE_LIMITS="on"))
    monkeypatch.setitem(people._app.extensions, "participate.settings", limited)
    one, other = people.resident(), people.resident()
    for who in (one, other, one, other, one):
        assert who.post("/v1/me/channels/email/code", {"address": "victim@example.org"}).status_code == 202
    assert code_of(other.post("/v1/me/channels/email/code", {"address": "Victim@example.org"})) == (
        429,
        "too_many_codes",
    )
    assert other.post("/v1/me/channels/email/code", {"address": "own@example.org"}).status_code == 202


def test_without_a_mail_server_nobody_is_promised_mail(resident: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = from_environment({"SECRET_KEY": settings().secret_key, "REDIS_URL": settings().redis_url})
    monkeypatch.setitem(resident._client.application.extensions, "participate.settings", plain)
    assert not shown(resident, EMAIL)["available"]
    asked = resident.post("/v1/me/channels/email/code", {"address": "a@example.org"})
    assert refused(asked.get_json()) == {("address", "channel_unavailable")}
    turned_on = choose(resident, {"channel": SMS, "on": True}, status=422)
    assert refused(turned_on) == {("channels.0.on", "channel_unavailable")}


def test_one_click_goes_without_all_that_can_be_muted(people: People, post: Post) -> None:
    one, other = reachable(people.resident()), reachable(people.resident(), "other@example.org")
    append([entry(who, "joined") for who in (one, other)])
    post.send()
    mail = next(mail for mail in post.mail.taken if mail["To"] == "li@example.org")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = mail["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")
    nobody = people.nobody()
    page = nobody.get(path)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert shown(one, EMAIL)["muted"] == []
    for text in (path, page.get_data(as_text=True)):
        assert not any(secret in text for secret in ("li@", "li%40", one.account_id, one.account_id.replace("-", "")))
    body = {"List-Unsubscribe": "One-Click"}
    done = [nobody.request("POST", path, data=body) for _ in range(2)]
    assert [(answer.status_code, answer.get_json()) for answer in done] == [(200, {"unsubscribed": True})] * 2
    assert shown(one, EMAIL)["muted"] == ["area", "followed", "joined", "own", "staff"]
    assert shown(one, EMAIL)["on"]
    assert shown(other, EMAIL)["muted"] == []
    append([entry(one, name) for name in ("joined", "own", "outcome")])
    assert states(Delivery.account_id == one.account_id) == ["sent", "muted", "muted", "waiting"]
    post.send()
    assert "List-Unsubscribe" not in post.mail.taken[-1]


def test_only_our_own_addresses_unsubscribe(people: People, resident: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(resident, {"channel": SMS, "on": True})
    (row,) = rows(table(ChannelChoice).select())
    token = unsubscribing.token(row.unsubscribe_id)
    nobody = people.nobody()
    for forged in (token[:-4] + "AAAA", "x", token + "%3Cb%3E", token[:20], "A" * 43):
        assert nobody.get(f"/v1/unsubscribe/{forged}").status_code == 404
        assert nobody.post(f"/v1/unsubscribe/{forged}").status_code == 404
    gone = unsubscribing.token("00000000-0000-4000-8000-000000000000")
    assert nobody.post(f"/v1/unsubscribe/{gone}").get_json() == {"unsubscribed": True}
    changed = from_environment(
        {"SECRET_KEY": "n" * 32, "SECRET_KEY_FORMER": settings().secret_key, "REDIS_URL": settings().redis_url}
    )
    monkeypatch.setitem(people._app.extensions, "participate.settings", changed)
    assert nobody.get(f"/v1/unsubscribe/{token}").status_code == 200, "mails from before still serve"


def test_a_person_gets_all_of_it_and_can_have_all_of_it_forgotten(people: People, post: Post) -> None:
    one, other = reachable(people.resident()), reachable(people.resident(), "other@example.org")
    append([entry(who, "joined") for who in (one, other)])
    post.send()
    append([entry(who, "outcome") for who in (one, other)])
    given = forgetting.export(one.account_id)
    assert [(row["channel"], row["state"]) for row in given["deliveries"]] == [
        ("email", "sent"),
        ("email", "sent"),
        ("email", "waiting"),
    ]
    assert any(choice.get("address") == "li@example.org" for choice in given["channels"])
    forgetting.erase(one.account_id)
    post.mail.clear()
    post.send()
    assert [mail["To"] for mail in post.mail.taken] == ["other@example.org"]
    append([entry(one, "outcome")])
    for held in (ChannelChoice, AddressCode, Delivery):
        assert one.account_id not in {row.account_id for row in rows(table(held).select())}
    assert "li@example.org" not in str(one.get("/v1/me/channels").get_json())
