"""What a service may say no with; only the kernel knows their status codes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one field.

    `field` is a dotted path into the body (or a parameter's name), `code` is stable and names both the API's
    error code and, as `fault.<code>`, the words a person reads; `values` fill those words.
    """

    field: str
    code: str
    values: tuple[tuple[str, object], ...] = ()


class DomainError(Exception):
    """A refusal. `code` is stable: it is the problem's `type` and the key `problem.<code>` of its words."""

    status = 400

    def __init__(self, code: str, faults: tuple[Fault, ...] = (), retry_after: int | None = None) -> None:
        super().__init__(code)
        self.code, self.faults, self.retry_after = code, faults, retry_after


class Unreadable(DomainError):
    """The body is not what its type says (400)."""

    status = 400


class Unauthenticated(DomainError):
    """Nobody is signed in, or no longer (401)."""

    status = 401


class Forbidden(DomainError):
    """The caller may see the thing, but may not do this (403)."""

    status = 403


class Missing(DomainError):
    """No such thing, or none that the caller may see: one answer for both (404)."""

    status = 404

    def __init__(self, code: str = "not_found") -> None:
        super().__init__(code)


class Conflict(DomainError):
    """The thing's present state does not allow this (409)."""

    status = 409


class Gone(DomainError):
    """It was there, and is no more (410)."""

    status = 410


class WrongVersion(DomainError):
    """The client speaks a version of a protocol that is not spoken here (412)."""

    status = 412


class ChecksumMismatch(DomainError):
    """What came is not what was sent (460, which tus has added to HTTP's own)."""

    status = 460


class Stale(DomainError):
    """The caller's version is not the present one (412)."""

    status = 412

    def __init__(self) -> None:
        super().__init__("stale")


class TooLarge(DomainError):
    """The body is over its limit (413)."""

    status = 413


class UnsupportedMedia(DomainError):
    """The body's type is not taken here (415)."""

    status = 415


class Invalid(DomainError):
    """The body is readable, but some fields are wrong; `faults` says which (422)."""

    status = 422

    def __init__(self, *faults: Fault, code: str = "invalid") -> None:
        super().__init__(code, faults)


@contextmanager
def below(path: str) -> Iterator[None]:
    """What is Invalid within is so by its path in the body, where it stands below `path`."""
    try:
        yield
    except Invalid as error:
        raise Invalid(
            *(replace(fault, field=f"{path}.{fault.field}") for fault in error.faults), code=error.code
        ) from error


class TooMany(DomainError):
    """The caller asks too often (429)."""

    status = 429


class Unavailable(DomainError):
    """Something this needs is away for the moment (503)."""

    status = 503

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__("unavailable", retry_after=retry_after)
