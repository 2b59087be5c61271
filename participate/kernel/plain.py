"""Flask without what no request of ours needs."""

from collections.abc import Callable
from functools import cache
from typing import Any

import orjson
from flask import Flask
from flask.json.provider import JSONProvider
from werkzeug.routing import Rule


class _Orjson(JSONProvider):
    """JSON by orjson; it writes Chinese as it is, and knows no NaN."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return orjson.dumps(obj, option=orjson.OPT_INDENT_2 if kwargs.get("indent") else None).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)


class _Rule(Rule):
    """A rule that learns to make addresses when one is asked of it: none of ours is, and compiling that takes long."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        made = cache(super()._compile_builder)
        return lambda rule, **values: made(append_unknown)(rule, **values)


class Plain(Flask):
    """Flask with JSON by orjson, and without the question whether a function that a request passes is a coroutine."""

    json_provider_class, url_rule_class = _Orjson, _Rule

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """None is."""
        return func
