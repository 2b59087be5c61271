"""Template messages as WeChat's official accounts send them: a few named fields, short, to whom the account knows."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import orjson
import redis

from participate.accounts.sms import spool
from participate.kernel.context import settings
from participate.kernel.outside import Answer, NotReached, Outside
from participate.updates.channels.base import WECHAT, Away, Message, Passing, Permanent, Refusal, Unclear
from participate.updates.short import shortened

SECONDS = 3.0  # for each of the four requests that one message may take
FIELD = 20  # characters in one field
_MOST_ANSWER = 4096  # bytes
_EARLY_SECONDS = 300  # before it ends, a token is replaced
_TOKEN, _LOCK = "participate:wechat:token", "participate:wechat:fetching"
_LOOKS, _LOOK_SECONDS = 20, 0.25
_SPENT = frozenset({40001, 40014, 42001})  # The token serves no more.
# The person: no such one, follows the account no more, wants none; or the message is not to their liking.
_FOR_EVER = frozenset({40003, 43004, 43101, 40165, 45015, 47001, 47003})
_BUSY = frozenset({-1, 45011})


@dataclass(frozen=True)
class App:
    """What PARTICIPATE_WECHAT_URL says: where the platform is, as whom we come, which template with which fields."""

    base: str
    host: str
    app_id: str
    secret: str
    template: str
    fields: Mapping[str, str]


def app_at(url: str) -> App:
    """`https://appid:secret@host/?template=…&title=thing1&text=thing2&at=time3`."""
    parts = urlsplit(url)
    said = {name: values[0] for name, values in parse_qs(parts.query).items()}
    named = {name: said.get(name, usual) for name, usual in (("title", "thing1"), ("text", "thing2"), ("at", "time3"))}
    base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
    known = unquote(parts.username or ""), unquote(parts.password or "")
    return App(base, parts.hostname or "", *known, said.get("template", ""), named)


class Platform:
    """Asks the platform, and reads what it says: all of it is 200, and a code within."""

    def __init__(self, app: App, seconds: float = SECONDS) -> None:
        # Its address is the administrator's own setting, so it may be inside.
        self.app, self._outside = app, Outside((app.host,), seconds)

    def fresh_token(self, force: bool) -> tuple[str, int]:
        """A token, and for how many seconds it serves. Raises Away."""
        asked = {"grant_type": "client_credential", "appid": self.app.app_id, "secret": self.app.secret}
        said = self.ask("/cgi-bin/stable_token", {}, asked | {"force_refresh": force})
        if not isinstance(said.get("access_token"), str):
            raise Away(f"wechat_{said.get('errcode', 'token')}")
        return said["access_token"], int(said.get("expires_in", 7200))

    def openid(self, code: str) -> str | None:
        """Whom a code stands for that the platform gave to a page of theirs; None where it stands for nobody."""
        asked = {"appid": self.app.app_id, "secret": self.app.secret, "code": code}
        said = self.ask("/sns/oauth2/access_token", asked | {"grant_type": "authorization_code"})
        found = said.get("openid")
        return found if isinstance(found, str) and 0 < len(found) <= 64 else None

    def ask(self, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What it answers; without a body it is a GET. Raises Away where nothing was taken, else Unclear."""
        url = f"{self.app.base}{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            answer = self._asked(url, body)
        except NotReached as error:
            raise (Unclear("no_last_word") if error.asked else Away(error.code)) from error
        if answer.status != 200:
            raise Away(f"answer_{answer.status}", answer.retry_after)
        try:
            said = orjson.loads(answer.body)
        except orjson.JSONDecodeError as error:
            raise Unclear("bad_answer") from error
        if not isinstance(said, dict):
            raise Unclear("bad_answer")
        return said

    def _asked(self, url: str, body: Mapping[str, Any] | None) -> Answer:
        if body is None:
            return self._outside.get(url, _MOST_ANSWER)
        return self._outside.post(url, orjson.dumps(body), {"Content-Type": "application/json"}, _MOST_ANSWER)


class Tokens:
    """The token that all workers share: whichever finds it spent fetches another, and the others wait for that."""

    def __init__(self, client: redis.Redis, fetch: Callable[[bool], tuple[str, int]]) -> None:
        self._client, self._fetch = client, fetch

    def token(self, spent: str | None = None) -> str:
        """The one that serves now, which is not `spent`. Raises Away."""
        try:
            for _ in range(_LOOKS):
                found = self._known(spent) or self._fetched(spent)
                if found is not None:
                    return found
                time.sleep(_LOOK_SECONDS)
        except redis.RedisError as error:
            raise Away("store_away") from error
        raise Away("token_away")

    def _known(self, spent: str | None) -> str | None:
        found = self._client.get(_TOKEN)
        text = found.decode() if isinstance(found, bytes) else None
        return None if text == spent else text

    def _fetched(self, spent: str | None) -> str | None:
        """A new one, or None while somebody else fetches it."""
        if not self._client.set(_LOCK, 1, nx=True, ex=int(2 * SECONDS) + 1):
            return None
        try:
            found = self._known(spent)  # Somebody may have, between our look and our turn.
            if found is None:
                found, seconds = self._fetch(spent is not None)
                self._client.set(_TOKEN, found, ex=max(60, seconds - _EARLY_SECONDS))
            return found
        finally:
            self._client.delete(_LOCK)


class Wechat:
    """Sends one template message to one person."""

    name, by_key = WECHAT, False  # It knows a key for ten minutes, and a worker may be away for longer.

    def __init__(self, platform: Platform, tokens: Tokens) -> None:
        self._platform, self._tokens = platform, tokens

    def send(self, message: Message) -> None:
        """See `Channel`. A token that serves no more is replaced, once."""
        body = self._body(message)
        token = self._token(None)
        code = self._sent(token, body)
        if code in _SPENT:
            code = self._sent(self._token(token), body)
        if code != 0:
            raise _refusal(code)

    def _token(self, spent: str | None) -> str:
        try:
            return self._tokens.token(spent)
        except Unclear as error:  # Of a token; nothing has been said to anybody.
            raise Away(error.code) from error

    def _sent(self, token: str, body: Mapping[str, Any]) -> int:
        said = self._platform.ask("/cgi-bin/message/template/send", {"access_token": token}, body)
        code = said.get("errcode", 0)
        return code if isinstance(code, int) else -1

    def _body(self, message: Message) -> dict[str, Any]:
        if not message.to.get("openid"):
            raise Permanent("no_openid")
        app, at = self._platform.app, message.at.astimezone(settings().timezone)
        said = {"title": message.title, "text": message.short, "at": f"{at:%Y-%m-%d %H:%M}"}
        return {
            "touser": message.to["openid"],
            "template_id": app.template,
            "url": message.link,
            "client_msg_id": message.key.replace("-", ""),
            "data": {app.fields[name]: {"value": shortened(value, FIELD)} for name, value in said.items()},
        }


def _refusal(code: int) -> Refusal:
    """What a code means: for this person or message, for now, or for all: our account, its template or its quota."""
    if code in _FOR_EVER:
        return Permanent(f"wechat_{code}")
    return Passing(f"wechat_{code}") if code in _BUSY else Away(f"wechat_{code}")


class SpooledWechat:
    """Appends each message to a file, as mails are in the demo."""

    name, by_key = WECHAT, False

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, message: Message) -> None:
        """Append the message."""
        spool(self._path, to=str(message.to["openid"]), key=message.key, title=message.title, text=message.short)
