"""Where a request goes, and so how urgent it is."""

import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from wsgiref.types import WSGIEnvironment

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RoutingException

from participate.kernel.overload import EMERGENCY, LIST, REPORT, Urgency

_KNOWN_PATHS = 4096  # Those that are asked for again and again are matched once.
# RFC 9218: the urgency that a client gives its request, 0 being the highest.
_MOST_URGENT = re.compile(r"(?:^|,)\s*u=0\s*(?:[,;]|$)")


@dataclass(frozen=True)
class Way:
    """Where a request wants to go: how urgent that is, and whether only those come in who say who they are."""

    urgency: Urgency
    is_closed: bool = False


_NOWHERE = Way(LIST)


class Ways:
    """Tells by its route how urgent a request is. `may_hurry` says whether a report may go as an emergency."""

    def __init__(
        self,
        app: Flask,
        by_endpoint: Mapping[str, Urgency],
        closed: Set[str],
        may_hurry: Callable[[WSGIEnvironment], bool],
    ) -> None:
        """`closed` are the endpoints behind whose door nobody comes without saying who they are."""
        self._ways = {endpoint: Way(urgency, endpoint in closed) for endpoint, urgency in by_endpoint.items()}
        self._may_hurry = may_hurry
        self._routes = app.url_map.bind("")
        self._matched = lru_cache(maxsize=_KNOWN_PATHS)(self._match)
        self._fixed = {
            (method, rule.rule): self._ways.get(rule.endpoint, _NOWHERE)
            for rule in app.url_map.iter_rules()
            if not rule.arguments
            for method in rule.methods or ()
        }

    def __call__(self, environ: WSGIEnvironment) -> Urgency:
        """The class of a request; whether it hurries is to be asked once."""
        return self.hurried(environ, self.of(environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")).urgency)

    def of(self, method: str, path: str) -> Way:
        """Where this leads; what has no route is answered at the foot of the line."""
        return self._fixed.get((method, path)) or self._matched(method, path)

    def hurried(self, environ: WSGIEnvironment, urgency: Urgency) -> Urgency:
        """The class that a request of this class gets if it says that it is urgent."""
        if urgency is REPORT and _MOST_URGENT.search(environ.get("HTTP_PRIORITY", "")) and self._may_hurry(environ):
            return EMERGENCY
        return urgency

    def _match(self, method: str, path: str) -> Way:
        try:
            endpoint, _ = self._routes.match(path, method)
        except (HTTPException, RoutingException):
            return _NOWHERE
        return self._ways.get(str(endpoint), _NOWHERE)
