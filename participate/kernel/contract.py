"""The contract as OpenAPI, generated from the routes when somebody asks for it."""

from http import HTTPStatus
from threading import Lock
from typing import Any

import marshmallow as ma
from flask import Flask, Response, current_app
from flask_smorest import Api, Blueprint
from flask_smorest.utils import prepare_response

from participate.kernel.shapes import Shape, example

# HTTP's own, and the one that tus has added.
STATUSES = {int(status): (status.name, status.phrase) for status in HTTPStatus}
STATUSES[460] = ("CHECKSUM_MISMATCH", "Checksum Mismatch")
_RETRY = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds to wait before another try"}}
_SPEC = {
    "info": {
        "description": "One door for a city's residents: what they report and propose, and what becomes of it.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    },
    "servers": [{"url": "/"}],
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
    },
}
_DESCRIBED = {
    "API_TITLE": "Participate",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/",
    "OPENAPI_JSON_PATH": "openapi.json",
    "API_SPEC_OPTIONS": _SPEC,
}


class ProblemShape(Shape):
    """RFC 9457."""

    class ErrorShape(Shape):
        """One field that is wrong."""

        field = ma.fields.String(required=True, metadata={"example": "body"})
        code = ma.fields.String(required=True, metadata={"example": "required"})
        message = ma.fields.String(required=True, metadata={"example": "必填。"})

    type = ma.fields.String(required=True, metadata={"example": "urn:participate:problem:invalid"})
    title = ma.fields.String(required=True, metadata={"example": "有些内容需要修改。"})
    status = ma.fields.Integer(required=True, metadata={"example": 422})
    detail = ma.fields.String(required=True, metadata={"example": "body: 必填。"})
    errors = ma.fields.List(ma.fields.Nested(ErrorShape), required=True)


class Contract(Api):
    """flask-smorest's generator with problem+json as the form of every error.

    It writes the contract when somebody asks for it: most processes are never asked.
    """

    ERROR_SCHEMA = ProblemShape
    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        self._writing, self._unwritten = Lock(), list[Blueprint]()
        app.config |= _DESCRIBED
        super().__init__(app)

    def register_blueprint(self, room: Blueprint, **options: Any) -> None:
        self._app.register_blueprint(room, **options)
        self._unwritten.append(room)

    def written(self) -> dict[str, Any]:
        """The contract, as JSON has it."""
        with self._writing:
            if self._unwritten:
                self._write_errors()
            while self._unwritten:
                room = self._unwritten.pop(0)
                room.register_views_in_doc(self, self._app, self.spec, name=room.name, parameters=None)
                self.spec.tag({"name": room.name, "description": room.description})
            found: dict[str, Any] = self.spec.to_dict()
            return found

    def _openapi_json(self) -> Response:
        return Response(current_app.json.dumps(self.written()), content_type="application/json")

    def _register_error_handlers(self) -> None:
        """Errors are answered by `kernel.problems`."""

    def _register_responses(self) -> None:
        """They are part of what is written later."""

    def _write_errors(self) -> None:
        for status, (name, phrase) in STATUSES.items():
            response: dict[str, Any] = {"description": phrase}
            if status >= 400:
                response |= {
                    "schema": ProblemShape,
                    "example": example(ProblemShape) | {"status": status},
                }
                response["headers"] = _RETRY if status in {429, 503} else {}
            prepare_response(response, self.spec, "application/problem+json")
            self.spec.components.response(name, response, lazy=True)
