"""On the wire: what a mail server and a gateway are told, and what their answers mean."""

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from participate.accounts.sms import GatewaySms
from participate.config import BadSettings, from_environment
from participate.updates.channels import mail as mails
from participate.updates.channels.base import EMAIL, SMS, Away, Message, Passing, Permanent, Refusal, Unclear
from participate.updates.channels.mail import Mail, SpooledMail
from participate.updates.channels.sms import Sms
from participate.updates.deliveries import sending
from participate.updates.service import append
from tests.conftest import HeldClock
from tests.people import People
from tests.sinks import HOST, MailSink, certificate, mail_server
from tests.steps import code_of
from tests.updates.conftest import SENDER, Post, choose, reachable, states
from tests.updates.entries import entry

KEY = "019aafc3-7c00-7000-8000-000000000001"


def message(text: str = "Work on SC5-7P5-9BW has begun.", **more: Any) -> Message:
    given = {"to": {"address": "li@example.org", "phone": "+8613900000001"}, "title": "News of SC5-7P5-9BW"}
    given |= {"key": KEY, "text": text, "short": text, "language": "en", "fact": "start", "submission_id": None}
    return Message(**given | {"at": datetime(2026, 11, 23, 2, 0, tzinfo=UTC)} | more)


def refusal(post: Post, channel: str = EMAIL) -> Refusal:
    with pytest.raises(Refusal) as refused:
        post.channels[channel].send(message())
    return refused.value


def test_a_mail_is_whole(app: Flask, post: Post, clock: HeldClock) -> None:
    text = "路灯已修好。\n.\n..dots begin these lines\n" + "长" * 2000
    away = f"https://city.example.org/v1/unsubscribe/{'0mbKdiv6Reqdy8xH-PlGAXigPn4Ufkk3TdSCHZCWPrw' * 2}"
    post.channels[EMAIL].send(
        message(text, title="您的提交有新进展", unsubscribe=away, link="https://city.example.org/x")
    )
    (mail,), (envelope,) = post.mail.taken, post.mail.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("noreply@example.org", ["li@example.org"])
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, "li@example.org", "您的提交有新进展")
    assert mail["Message-ID"] == f"<{KEY}@example.org>"
    assert parsedate_to_datetime(mail["Date"]) == clock()
    assert mail["Content-Language"] == "en"
    assert mail["List-Unsubscribe"] == f"<{away}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    said = mail.get_content().replace("\r\n", "\n")
    assert said.startswith(text)
    assert "https://city.example.org/x" in said
    assert away in said
    assert f"\r\nList-Unsubscribe: <{away}>\r\n".encode() in bytes(envelope.content or b"")
    assert all(len(line) <= 998 for line in bytes(envelope.content or b"").splitlines())


def test_one_connection_serves_many_and_a_closed_one_is_replaced(app: Flask, post: Post) -> None:
    channel = post.channels[EMAIL]
    for _ in range(3):
        channel.send(message())
    assert len(post.mail.sessions) == 1
    assert isinstance(channel, Mail)
    assert channel._server is not None
    assert channel._server.sock is not None
    channel._server.sock.shutdown(socket.SHUT_RDWR)
    channel.send(message())
    assert (len(post.mail.taken), len(post.mail.sessions)) == (4, 2)


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [
        ("550 5.1.1 no such user", Permanent, "recipient_550"),
        ("450 4.2.1 later", Passing, "recipient_450"),
        ("452 4.2.2 full", Passing, "recipient_452"),
        ("421 going down", Away, "server_421"),
    ],
)
def test_what_a_recipient_s_refusal_means(app: Flask, post: Post, said: str, kind: type[Refusal], code: str) -> None:
    post.mail.recipients.append(said)
    refused = refusal(post)
    assert (type(refused), refused.code) == (kind, code)
    post.channels[EMAIL].send(message())
    assert len(post.mail.taken) == 1, "the next one goes"


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [("552 too much", Permanent, "message_552"), ("451 try again", Passing, "message_451")],
)
def test_what_a_refusal_of_the_mail_means(app: Flask, post: Post, said: str, kind: type[Refusal], code: str) -> None:
    post.mail.mails.append(said)
    refused = refusal(post)
    assert (type(refused), refused.code) == (kind, code)


def test_a_last_word_that_never_comes_leaves_it_open(app: Flask, post: Post) -> None:
    post.mail.hang_up = True
    assert isinstance(refusal(post), Unclear)
    post.channels[EMAIL].send(message())
    assert len(post.mail.taken) == 1


def test_a_server_that_is_not_there_or_says_nothing_is_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.create_server((HOST, 0))) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setattr(mails, "_STEP_SECONDS", 0.2)
        began = time.monotonic()
        with pytest.raises(Away) as hanging:
            Mail(f"smtp://{HOST}:{port}", SENDER).send(message())
        assert time.monotonic() - began < 3
    with pytest.raises(Away) as absent:
        Mail(f"smtp://{HOST}:{port}", SENDER).send(message())
    assert {hanging.value.code, absent.value.code} <= {"server_away", "connection_lost"}


def test_time_for_one_mail_is_bounded_in_all(app: Flask, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mails, "SECONDS", mails._RESERVE_SECONDS - 1.0)
    channel = post.channels[EMAIL]
    assert isinstance(channel, Mail)
    channel._until = 0.0
    assert channel._left() == 0.1


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Any]]:
    yield certificate(tmp_path_factory.mktemp("tls"))


def test_tls_is_spoken_from_the_start_or_asked_for(
    app: Flask, trusted: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sink, (path, context) = MailSink(), trusted
    login = {"authenticator": sink.authenticate, "auth_required": True}
    with mail_server(sink, tls_context=context, require_starttls=True, **login) as port:
        url = f"smtp+starttls://city:s%40cret@localhost:{port}"
        with pytest.raises(Away):
            Mail(url, SENDER).send(message())  # Whom nobody vouches for is told nothing.
        assert sink.logins == []
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        with pytest.raises(Away):
            Mail(f"smtp+starttls://city:wrong@localhost:{port}", SENDER).send(message())
        Mail(url, SENDER).send(message())
        with pytest.raises(Away):
            Mail(f"smtp://localhost:{port}", SENDER).send(message())
    assert (len(sink.taken), set(sink.logins)) == (1, {"city"})
    with mail_server(sink) as plain, pytest.raises(Away):
        Mail(f"smtp+starttls://localhost:{plain}", SENDER).send(message())  # It knows no STARTTLS.
    assert len(sink.taken) == 1


def test_in_the_demo_mails_lie_in_a_file(app: Flask, tmp_path: Path) -> None:
    SpooledMail(tmp_path / "mail.jsonl", SENDER).send(message())
    (line,) = (tmp_path / "mail.jsonl").read_text().splitlines()
    assert KEY in line
    assert (tmp_path / "mail.jsonl").stat().st_mode & 0o077 == 0


def test_a_gateway_gets_text_phone_and_key(post: Post) -> None:
    post.channels[SMS].send(message("路灯已修好。"))
    assert post.gateway.asked == [(KEY, {"to": "+8613900000001", "text": "路灯已修好。"})]
    (headers,) = post.gateway.headers
    assert headers["Authorization"] == "Basic Y2l0eTpzZWNyZXQ="
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "headers", "kind", "wait"),
    [
        (400, {}, Permanent, None),
        (422, {}, Permanent, None),
        (409, {}, Passing, None),
        (429, {"Retry-After": "9"}, Away, 9),
        (503, {"Retry-After": "soon"}, Away, None),
        (500, {}, Away, None),
        (401, {}, Away, None),
        (302, {"Location": "http://127.0.0.1:1/"}, Away, None),
    ],
)
def test_what_a_gateway_s_answer_means(
    post: Post, status: int, headers: dict[str, str], kind: type[Refusal], wait: int | None
) -> None:
    post.gateway.script.append((status, headers))
    refused = refusal(post, SMS)
    assert (type(refused), refused.code) == (kind, f"gateway_{status}")
    assert not isinstance(refused, Passing) or refused.retry_after == wait
    assert post.gateway.texts() == []


def reset(handler: BaseHTTPRequestHandler) -> None:
    """Take the text, and break the connection off before a word of it is said."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()


def test_an_answer_that_gets_lost_sends_no_second_text(people: People, post: Post, clock: HeldClock) -> None:
    who = people.resident()
    choose(who, {"channel": SMS, "on": True})
    append([entry(who, "outcome")])
    post.gateway.script += [(202, {}), reset]
    post.send(SMS)
    append([entry(who, "outcome")])
    post.send(SMS)
    assert len(post.gateway.asked) == 3, "the connection was lost, and it was said again on another"
    assert len(post.gateway.sent) == 2
    post.gateway.script += [reset, reset]
    append([entry(who, "outcome")])
    assert post.send(SMS) is not None, "twice is away"
    post.send(SMS)
    assert (len(post.gateway.sent), states()) == (3, ["sent"] * 3)
    assert len({key for key, _ in post.gateway.asked}) == 3


def test_a_one_time_code_that_the_gateway_does_not_take_is_told(people: People, post: Post) -> None:
    app, nobody = people._app, people.nobody()
    sms = post.channels[SMS]
    assert isinstance(sms, Sms)
    before = app.extensions["participate.sms"]
    app.extensions["participate.sms"] = sms._sender
    try:
        post.gateway.script.append((500, {}))
        assert code_of(nobody.post("/v1/auth/otp", {"phone": "13900000009"})) == (503, "unavailable")
        assert nobody.post("/v1/auth/otp", {"phone": "13900000009"}).status_code == 202
    finally:
        app.extensions["participate.sms"] = before
    ((key, body),) = post.gateway.sent.items()
    assert body["to"] == "+8613900000009"
    assert len(key) == 36


def test_a_mail_server_that_is_down_holds_up_no_text(people: People, post: Post, clock: HeldClock) -> None:
    who = reachable(people.resident())
    choose(who, {"channel": EMAIL, "on": True}, {"channel": SMS, "on": True})
    append([entry(who, "outcome")])
    down = Mail(f"smtp://{HOST}:1", SENDER)
    assert sending.work_off(down) is not None
    assert post.send(SMS) is None
    assert len(post.gateway.sent) == 1
    assert states() == ["waiting", "sent"]


@pytest.mark.parametrize(
    "given",
    [
        {"PARTICIPATE_SMTP_URL": "http://mail"},
        {"PARTICIPATE_SMS_URL": "ftp://gateway"},
        {"PARTICIPATE_PUBLIC_URL": "city.example.org"},
        {"PARTICIPATE_SMTP_URL": "smtp://mail", "PARTICIPATE_MAIL_FROM": "nobody"},
    ],
)
def test_settings_that_cannot_work_are_named(given: dict[str, str]) -> None:
    with pytest.raises(BadSettings, match=list(given)[-1]):
        from_environment({"SECRET_KEY": "x" * 32, "REDIS_URL": "redis://localhost"} | given)


def test_a_gateway_at_https_is_asked_by_tls() -> None:
    with pytest.raises(Exception, match="unavailable"):
        GatewaySms("https://127.0.0.1:1/send", 1.0).send("+8613900000001", "x", KEY)
