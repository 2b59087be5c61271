"""People who act in the tests: each is a client that is signed in, and whose answers are held to their shapes."""

import json
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from flask import Flask, Response, request
from werkzeug.test import TestResponse

from participate.accounts import service as accounts
from participate.accounts import tokens
from participate.accounts.models import SignInSession
from participate.app import ROOMS
from participate.kernel.auth import Grant
from participate.kernel.clock import now
from participate.kernel.db import db, transaction
from participate.kernel.ids import new_id

_numbers = count(1)


def hold_answers_to_their_shapes(app: Flask) -> None:
    """Every JSON answer of every test must be what the contract says it is."""
    shapes = {f"{room.name}.{name}": route.answer for room in ROOMS for name, route in room.routes.items()}

    @app.after_request
    def _compare(response: Response) -> Response:
        shape = shapes.get(request.endpoint or "")
        if shape is not None and response.status_code < 300 and request.method != "OPTIONS":
            faults = shape().validate(response.get_json())
            assert not faults, f"{request.method} {request.path} answers otherwise than documented: {faults}"
        return response


class Person:
    """Somebody signed in."""

    def __init__(self, app: Flask, account_id: str, headers: dict[str, str]) -> None:
        self.account_id, self.headers = account_id, headers
        self._client = app.test_client()

    def request(self, method: str, path: str, **options: Any) -> TestResponse:
        """Call the API; `headers` come on top of the person's own."""
        headers = self.headers | options.pop("headers", {})
        return self._client.open(path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        """POST `body` as JSON, or whatever `options` say."""
        if body is not None:
            options |= {"data": json.dumps(body), "content_type": "application/json"}
        return self.request("POST", path, **options)

    def patch(self, path: str, body: Any, **options: Any) -> TestResponse:
        """PATCH with JSON."""
        return self.request("PATCH", path, data=json.dumps(body), content_type="application/json", **options)

    def put(self, path: str, body: Any, **options: Any) -> TestResponse:
        """PUT with JSON."""
        return self.request("PUT", path, data=json.dumps(body), content_type="application/json", **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        """DELETE."""
        return self.request("DELETE", path, **options)


class People:
    """Makes accounts and signs them in, without the detour over codes and passwords."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def resident(self) -> Person:
        """A resident of their own."""
        return self.signed_in(accounts.create_resident(f"+86139{next(_numbers):08d}"))

    def staff(self, role: str, area: str | None = "990101", unit: str | None = None) -> Person:
        """Staff with one role in one scope."""
        return self.staff_with(Grant(role, None if unit else area, unit))

    def staff_with(self, *grants: Grant) -> Person:
        """Staff with several roles."""
        return self.signed_in(accounts.create_staff(f"staff{next(_numbers)}", "a password", "Staff", grants))

    def nobody(self) -> Person:
        """Somebody who is not signed in."""
        return Person(self._app, "", {"Accept-Language": "en"})

    def signed_in(self, account_id: str) -> Person:
        """The account's holder, in a session of its own."""
        session_id, jti = new_id(), new_id()
        with transaction():
            db.session.add(
                SignInSession(
                    id=session_id, account_id=account_id, refresh_jti=jti, created_at=now(), expires_at=_far()
                )
            )
        token = tokens.issue(account_id, session_id, jti)["access_token"]
        return Person(self._app, account_id, {"Authorization": f"Bearer {token}", "Accept-Language": "en"})


def _far() -> datetime:
    return now() + timedelta(days=365)
