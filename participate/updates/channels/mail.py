"""E-mail by SMTP (RFC 5321), to the city's own mail server; in the demo into a file."""

import contextlib
import smtplib
import ssl
import time
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from participate.accounts.sms import spool
from participate.kernel.clock import now
from participate.kernel.words import say
from participate.updates.channels.base import EMAIL, SECONDS, Away, Message, Passing, Permanent, Unclear

_STEP_SECONDS = 10.0  # for one answer of the server's
_RESERVE_SECONDS = 2.0  # of SECONDS, for what is not waiting
_LOGIN_PORT, _PLAIN_PORT, _TLS_PORT = 587, 25, 465


class _Policy(EmailPolicy):
    """As for SMTP; and what holds an address stands as it is, in one line: encoded, nobody could follow it."""

    def fold(self, name: str, value: str) -> str:
        return f"{name}: {value}{self.linesep}" if name in _AS_IT_IS else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode() if name in _AS_IT_IS else super().fold_binary(name, value)


_AS_IT_IS = {"Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"}
_POLICY = _Policy(linesep="\r\n")


def letter(message: Message, sender: str) -> EmailMessage:
    """The mail itself; its Message-ID is the key, so that whoever gets it twice after all can tell."""
    made = EmailMessage(policy=_POLICY)
    domain = parseaddr(sender)[1].rpartition("@")[2]
    made["Message-ID"] = f"<{message.key}@{domain}>"
    made["Date"] = format_datetime(now())
    made["From"], made["To"], made["Subject"] = sender, message.to["address"], message.title
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday note wants to answer it.
    lines = [message.text]
    if message.link:
        lines.append(say("updates.mail_link", message.language, link=message.link))
    if message.unsubscribe:
        made["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        lines.append(say("updates.mail_unsubscribe", message.language, link=message.unsubscribe))
    made.set_content("\n\n".join(lines) + "\n", charset="utf-8")
    made["Content-Language"] = message.language
    return made


class Mail:
    """Keeps one connection, and opens another where the server has closed it."""

    name, by_key = EMAIL, False  # Hardly a server looks whether it has seen a Message-ID before.

    def __init__(self, url: str, sender: str) -> None:
        """`url`: `smtps://` speaks TLS from the start, `smtp+starttls://` will have it, `smtp://` does without."""
        self._to, self._from = urlsplit(url), sender
        self._server: smtplib.SMTP | None = None
        self._until = 0.0

    def send(self, message: Message) -> None:
        """See `Channel`. Up to the server's last word on the mail nothing has been taken, and all can be said again."""
        self._until = time.monotonic() + SECONDS - _RESERVE_SECONDS
        data = letter(message, self._from).as_bytes()
        try:
            self._deliver(message.to["address"], data)
        except smtplib.SMTPServerDisconnected as error:
            raise self._away("connection_lost") from error
        except (OSError, smtplib.SMTPException) as error:
            raise self._away("server_away") from error

    def _deliver(self, address: str, data: bytes) -> None:
        server = self._ready()
        self._said(server.rcpt(address), "recipient")
        self._hurry(server)
        server.putcmd("data")
        self._said(server.getreply(), "message", expected=354)
        try:
            self._hurry(server)
            server.send(_dotted(data))
            answer = server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Unclear("no_last_word") from error
        self._said(answer, "message")

    def _ready(self) -> smtplib.SMTP:
        """A server that has taken the envelope's sender: the one that we have, else another one."""
        sender = parseaddr(self._from)[1]
        if self._server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._hurry(self._server)
                code, _ = self._server.mail(sender)
                if code == 250:
                    return self._server
            self.close()
        server = self._server = self._connected()
        code, _ = server.mail(sender)
        if code != 250:
            raise self._away(f"sender_{code}")
        return server

    def _connected(self) -> smtplib.SMTP:
        to, context = self._to, ssl.create_default_context()
        host = to.hostname or ""
        if to.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, to.port or _TLS_PORT, timeout=self._left(), context=context)
        else:
            server = smtplib.SMTP(host, to.port or _port(to), timeout=self._left())
        try:
            self._hurry(server)
            server.ehlo_or_helo_if_needed()
            if to.scheme == "smtp+starttls":
                server.starttls(context=context)
            if to.username:
                self._hurry(server)
                server.login(unquote(to.username), unquote(to.password or ""))
        except BaseException:
            server.close()
            raise
        return server

    def _left(self) -> float:
        return max(0.1, min(_STEP_SECONDS, self._until - time.monotonic()))

    def _hurry(self, server: smtplib.SMTP) -> None:
        """No step takes longer than what is left of the time."""
        if server.sock is not None:
            server.sock.settimeout(self._left())

    def _said(self, answer: tuple[int, bytes], what: str, expected: int | None = None) -> None:
        """Let the server's refusal be what it means for this mail: 5xx for ever, anything else for now."""
        code = answer[0]
        if code == expected or (expected is None and 200 <= code < 300):
            return
        if code == 421:  # It says goodbye.
            raise self._away("server_421")
        server = self._server
        if server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.rset()
        raise (Permanent if 500 <= code < 600 else Passing)(f"{what}_{code}")

    def _away(self, code: str) -> Away:
        self.close()
        return Away(code)

    def close(self) -> None:
        """Hang up; the next mail connects anew."""
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(OSError):
                server.close()


def _port(to: SplitResult) -> int:
    return _LOGIN_PORT if to.scheme == "smtp+starttls" else _PLAIN_PORT


def _dotted(data: bytes) -> bytes:
    """As DATA wants it: a line that begins with a dot gets another one, and a dot by itself ends it all."""
    lines = data.split(b"\r\n")
    if lines[-1] == b"":
        lines.pop()
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines) + b".\r\n"


class SpooledMail:
    """Appends each mail to a file, as text messages are where there is no gateway."""

    name, by_key = EMAIL, False

    def __init__(self, path: Path, sender: str) -> None:
        self.path, self._from = path, sender

    def send(self, message: Message) -> None:
        """Append the mail."""
        made = letter(message, self._from)
        spool(self.path, to=str(made["To"]), key=message.key, mail=made.as_string())
