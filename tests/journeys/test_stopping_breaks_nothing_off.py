"""Who is being served when the service stops is served to the end, and whoever comes later is refused at the door."""

import json
import signal
import socket
import threading
import time
from urllib.parse import urlsplit

import requests

from tests.journeys.callers import Caller, resident, sample_photo
from tests.listeners import Listener
from tests.live import PATIENCE, Live, until

BOUNDARY = "drip-drop"


class SlowUpload:
    """A photo on its way, of which half has been sent."""

    def __init__(self, service: Live, author: Caller) -> None:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'.encode()
        self._body = head + sample_photo() + f"\r\n--{BOUNDARY}--\r\n".encode()
        url = urlsplit(service.base)
        self._connection = socket.create_connection((str(url.hostname), int(url.port or 0)), timeout=PATIENCE)
        lines = [
            "POST /v1/photos HTTP/1.1",
            f"Host: {url.netloc}",
            f"Authorization: Bearer {author.token}",
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
            f"Content-Length: {len(self._body)}",
        ]
        self._half = len(self._body) // 2
        self._connection.sendall("\r\n".join([*lines, "", ""]).encode() + self._body[: self._half])

    def finish(self, pieces: int = 10, pause: float = 0.2) -> dict[str, str]:
        """Send the rest, piece by piece; returns the answer, which must be 201."""
        rest = self._body[self._half :]
        size = len(rest) // pieces + 1
        for start in range(0, len(rest), size):
            self._connection.sendall(rest[start : start + size])
            time.sleep(pause)  # The client is slow: that is what is looked at.
        answer = b""
        while piece := self._connection.recv(2**16):
            answer += piece
            _head, _, body = answer.partition(b"\r\n\r\n")
            if body.endswith(b"}"):
                break
        assert answer.startswith(b"HTTP/1.1 201"), answer[:200]
        found: dict[str, str] = json.loads(body)
        return found


def _refused(service: Live) -> bool:
    """Whether nobody listens any more."""
    try:
        requests.get(f"{service.base}/livez", timeout=2)
    except requests.ConnectionError:
        return True
    return False


def test_a_worker_with_much_to_do_ends_soon_and_another_goes_on_at_once(service: Live) -> None:
    author = resident(service)
    service.kill("facts")
    made = [author.hand_in()["id"] for _ in range(30)]
    victim = until(lambda: service.child("facts"), "facts")
    until(lambda: author.get(f"/v1/submissions/{made[0]}")["state"] == "in_moderation", "the work to be begun")
    victim.terminate()
    victim.wait(10)
    for each in made:
        # Sooner than a lease that was not given back, which ends after 30 s.
        author.wait_for_state(each, "in_moderation", 20)


def test_an_upload_on_its_way_is_answered_and_nobody_else_is_let_in(service: Live) -> None:
    author = resident(service, "+8613800000002")
    upload = SlowUpload(service, author)
    stream = Listener(service.port, "/v1/me/updates/stream", {"Authorization": f"Bearer {author.token}"})
    # It is being read once it is in the hands of a thread: a short call made after it has been answered.
    assert author.get("/v1/me")
    ended: list[int] = []
    stopping = threading.Thread(target=lambda: ended.append(service.stop(signal.SIGTERM, False)))
    stopping.start()
    until(lambda: _refused(service), "the door to be closed")
    assert [event.body for event in stream.events()] == [{"why": "stopping"}], "its client comes again at once"
    photo = upload.finish()
    stopping.join(PATIENCE)
    assert ended == [0], service.said()
    assert "Traceback" not in service.said()
    service.start()
    assert author.get(f"/v1/photos/{photo['id']}")["id"] == photo["id"]
