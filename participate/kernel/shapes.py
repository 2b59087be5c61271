"""The shapes of bodies and parameters: marshmallow with stable codes in place of English sentences.

A marshmallow message here is `code` or `code|name=value|…`; `faults` turns the messages into Faults.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import fields, validate

from participate.kernel.errors import Fault, Invalid
from participate.kernel.ids import is_id

_TYPE_CODES = {
    "invalid": "type",
    "required": "required",
    "null": "null",
    "type": "type",
    "validator_failed": "value",
    "invalid_awareness": "offset",
}


def _speak_in_codes() -> None:
    """Give every field class codes for its messages, once, at import."""
    field_classes: list[Any] = [fields.Field, *_all_subclasses(fields.Field)]
    for field_class in field_classes:
        messages = field_class.default_error_messages
        field_class.default_error_messages = {key: _TYPE_CODES.get(key, "value") for key in messages}


def _all_subclasses(parent: type[Any]) -> Iterator[type[Any]]:
    for child in parent.__subclasses__():
        yield child
        yield from _all_subclasses(child)


_speak_in_codes()


class Shape(ma.Schema):
    """A body or a set of parameters; what it does not name is refused.

    `EXAMPLE` is there where not all fields go together.
    """

    EXAMPLE: ClassVar[dict[str, Any] | None] = None

    class Meta:
        unknown = ma.RAISE

    error_messages = {"unknown": "unknown", "type": "type"}  # noqa: RUF012


def length(low: int, high: int) -> validate.Length:
    """From `low` to `high` characters (or items)."""
    return validate.Length(low, high, error=f"length|min={low}|max={high}")


def between(low: float, high: float) -> validate.Range:
    """From `low` to `high`, both taken."""
    return validate.Range(low, high, error=f"range|min={low}|max={high}")


def one_of(*choices: str) -> validate.OneOf:
    """One of the named values."""
    return validate.OneOf(choices, error=f"choice|choices={', '.join(choices)}")


class _Form(validate.Regexp):
    """The whole text: `$` alone lets a newline follow, and `\\Z` means another thing to the contract's readers."""

    def __call__(self, value: Any) -> Any:
        if self.regex.fullmatch(value) is None:
            raise ma.ValidationError("form")
        return value


def matches(pattern: str) -> validate.Regexp:
    """Text of this form, from its first character to its last."""
    return _Form(f"^(?:{pattern})$", error="form")


def filled(text: str) -> None:
    """More than white space."""
    if not text.strip():
        raise ma.ValidationError("blank")


def text(low: int, high: int, **options: Any) -> fields.String:
    """A line or more of text of `low` to `high` characters; where one is needed, white space is not enough."""
    checks: list[Any] = [length(low, high)]
    if low:
        checks.append(filled)
        options["metadata"] = {"pattern": r"\S"} | options.get("metadata", {})
    return fields.String(validate=checks, **options)


def _canonical_id(value: str) -> None:
    if not is_id(value):
        raise ma.ValidationError("form")


class Identifier(fields.String):
    """A UUID, in small letters however it was written (RFC 9562 §4), so that every database finds it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return str(super()._deserialize(value, attr, data, **kwargs)).lower()


def identifier(**options: Any) -> fields.String:
    """The id of a thing."""
    options.setdefault("metadata", {"format": "uuid"})
    return Identifier(validate=_canonical_id, **options)


class Flag(fields.Boolean):
    """true or false, and not the many words that marshmallow takes for them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


def _spelt(field: fields.Field[Any], form: re.Pattern[str], value: Any) -> None:
    """Python reads more spellings than those in which the contract has it: 1_0, other scripts' digits, week dates."""
    if isinstance(value, str) and form.fullmatch(value) is None:
        raise field.make_error("invalid", input=value, obj_type="moment")


_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WHOLE = re.compile(r"-?\d+", re.ASCII)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


class Moment(fields.AwareDateTime):
    """A moment with its offset, as a moment in UTC: near the ends of the calendar there may be none."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        _spelt(self, _RFC_3339, value)
        moment: datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            return moment.astimezone(UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=value, obj_type="moment") from error


class Number(fields.Float):
    """A JSON number, not its spelling as a string."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, (bool, str)):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class Day(fields.Date):
    """A day of the calendar, as 2026-11-27."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        _spelt(self, _DAY, value)
        return super()._deserialize(value, attr, data, **kwargs)


class WholeText(fields.Integer):
    """A whole number in a parameter."""

    def _validated(self, value: Any) -> Any:
        _spelt(self, _WHOLE, value)
        return super()._validated(value)


class NumberText(fields.Float):
    """A number in a parameter."""

    def _validated(self, value: Any) -> Any:
        _spelt(self, _NUMBER, value)
        return super()._validated(value)


class Whole(fields.Integer):
    """A JSON integer, as 5 or as 5.0: to JSON they are one number."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strict=True, **options)

    def _validated(self, value: Any) -> int:
        if isinstance(value, (bool, str)):
            raise self.make_error("invalid", input=value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        number = super()._validated(value)
        assert number is not None  # noqa: S101 - the parent returns None for None only
        return number


def faults(messages: Any, path: str = "") -> Iterator[Fault]:
    """The Faults in marshmallow's tree of messages, in the tree's order."""
    if isinstance(messages, dict):
        for key, inner in messages.items():
            here = path if key == "_schema" else f"{path}.{key}" if path else str(key)
            yield from faults(inner, here)
    else:
        for message in messages if isinstance(messages, list) else [messages]:
            code, *values = str(message).split("|")
            pairs = (value.partition("=") for value in values)
            yield Fault(path, code, tuple((name, value) for name, _, value in pairs))


def loaded(shape: ma.Schema, data: Any, path: str = "") -> dict[str, Any]:
    """`data` as the shape takes it. Raises Invalid with every fault, its field being below `path`."""
    try:
        found: dict[str, Any] = shape.load(data)
    except ma.ValidationError as error:
        raise Invalid(*faults(error.messages, path)) from error
    return found


_SAMPLES: dict[type, Any] = {
    fields.Boolean: True,
    fields.DateTime: "2026-11-23T09:30:00+08:00",
    fields.Integer: 1,
    fields.Float: 1.5,
    fields.Dict: {},
    fields.String: "…",
}
_SAMPLE_ID = "019aafc3-7c00-7000-8000-000000000001"


def example(shape: type[ma.Schema] | ma.Schema) -> dict[str, Any]:
    """An example of `shape`: its own, or put together from the `example` that its fields carry."""
    held = shape() if isinstance(shape, type) else shape
    if isinstance(held, Shape) and held.EXAMPLE is not None:
        return held.EXAMPLE
    return {field.data_key or name: _sample(field) for name, field in held.fields.items()}


def _sample(field: fields.Field[Any]) -> Any:
    if "example" in field.metadata:
        return field.metadata["example"]
    if isinstance(field, fields.Nested):
        inner = example(field.schema)
        return [inner] if field.many else inner
    if isinstance(field, fields.List):
        return [_sample(field.inner)]
    if field.metadata.get("format") == "uuid":
        return _SAMPLE_ID
    choices = [check.choices for check in field.validators if isinstance(check, validate.OneOf)]
    if choices:
        return next(iter(choices[0]))
    return next(sample for kind, sample in _SAMPLES.items() if isinstance(field, kind))
