"""Server-sent events as they go over the wire (HTML, §9.2)."""

from dataclasses import dataclass

MEDIA_TYPE = "text/event-stream"
BEAT = b":\n\n"  # A comment: it tells both sides that the other is still there.


@dataclass(frozen=True)
class Event:
    """One event. `id` is where to go on from, `name` what kind it is where there are several, `data` is JSON."""

    data: bytes
    id: str = ""
    name: str = ""

    def written(self) -> bytes:
        """As it is sent."""
        lines = [f"id: {self.id}\n"] if self.id else []
        lines += [f"event: {self.name}\n"] if self.name else []
        return "".join(lines).encode() + b"data: " + self.data + b"\n\n"


def retry(seconds: float) -> bytes:
    """Tells the client after how long to come again once the stream has ended."""
    return f"retry: {seconds * 1000:.0f}\n\n".encode()


def mark(event_id: str) -> bytes:
    """Tells the client where to go on from, without an event."""
    return f"id: {event_id}\n\n".encode()
