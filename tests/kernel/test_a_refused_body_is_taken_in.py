"""A body that nobody read is taken in all the same: else the server closes the connection under the next request."""

from io import BytesIO

import pytest
from flask import Flask


@pytest.mark.parametrize("size", [0, 10, 5_000, 300_000, 4_000_000])
def test_what_a_closed_door_did_not_read_is_read(app: Flask, size: int) -> None:
    body = BytesIO(b"{" + b" " * size)
    answer = app.test_client().post(
        "/v1/submissions", input_stream=body, content_length=size + 1, content_type="application/json"
    )
    assert answer.status_code == 401
    assert body.read() == b""


def test_what_is_far_too_long_is_not_waited_for(app: Flask) -> None:
    body = BytesIO(b" " * 6_000_000)
    answer = app.test_client().post(
        "/v1/submissions", input_stream=body, content_length=6_000_000, content_type="application/json"
    )
    assert answer.status_code == 401
    assert body.read() != b""


def test_a_body_over_its_limit_is_still_refused(app: Flask) -> None:
    body = BytesIO(b" " * 400_000)
    answer = app.test_client().post(
        "/v1/auth/otp", input_stream=body, content_length=400_000, content_type="application/json"
    )
    assert answer.status_code == 413
