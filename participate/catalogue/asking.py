"""What is asked besides, of whoever names a condition or asks for a service, and whether the answers fit."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from participate.catalogue.models import Question
from participate.kernel.db import AnyRow, rows
from participate.kernel.errors import Fault, Invalid

LONGEST = 500  # characters of an answer in words
_BOUND = 10**12
_QUESTIONS = (
    select(
        Question.asked_for,
        Question.code,
        Question.type,
        Question.required,
        Question.text_zh,
        Question.text_en,
        Question.choices,
    )
    .where(Question.asked_for.in_(bindparam("codes", expanding=True)), Question.active.is_(True))
    .order_by(Question.asked_for, Question.code)
)


def questions(codes: list[str]) -> dict[str, list[dict[str, Any]]]:
    """The questions of these conditions and services, by code, in their order."""
    found: dict[str, list[dict[str, Any]]] = {code: [] for code in codes}
    for row in rows(_QUESTIONS, {"codes": codes}) if codes else ():
        found[row.asked_for].append(_present(row))
    return found


def _present(row: AnyRow) -> dict[str, Any]:
    names = ("code", "type", "required", "text_zh", "text_en")
    return {name: getattr(row, name) for name in names} | {"choices": choices(row.choices)}


def choices(cell: str) -> list[dict[str, str]]:
    """`value:中文:English` for each choice, `|` between them. Raises ValueError for what is not like that."""
    parts = [each.split(":") for each in cell.split("|") if cell]
    found = [dict(zip(("value", "name_zh", "name_en"), part, strict=True)) for part in parts]
    if not all(part.strip() for each in found for part in each.values()):
        raise ValueError
    if len({each["value"] for each in found}) < len(found):
        raise ValueError
    return found


def check_answers(codes: list[str], answers: Mapping[str, Any]) -> None:
    """Raises Invalid for answers to what is not asked of these codes, of another type, or that are lacking."""
    if not codes and not answers:
        return
    asked = {each["code"]: each for found in questions(codes).values() for each in found}
    faults = [Fault(f"details.answers.{code}", "unknown") for code in answers if code not in asked]
    for code, question in asked.items():
        faults += _faults(f"details.answers.{code}", question, answers.get(code))
    if faults:
        raise Invalid(*faults)


def _faults(field: str, question: dict[str, Any], answer: Any) -> Iterator[Fault]:
    if answer is None:
        if question["required"]:
            yield Fault(field, "required")
    elif question["type"] == "choice":
        values = [each["value"] for each in question["choices"]]
        if answer not in values:
            yield Fault(field, "choice", (("choices", ", ".join(values)),))
    elif not _IS[question["type"]](answer):
        yield Fault(field, "answer_type")


def _is_text(answer: Any) -> bool:
    return isinstance(answer, str) and len(answer.strip()) > 0 and len(answer) <= LONGEST


def _is_number(answer: Any) -> bool:
    return isinstance(answer, int | float) and not isinstance(answer, bool) and abs(answer) <= _BOUND


def _is_date(answer: Any) -> bool:
    try:
        return isinstance(answer, str) and date.fromisoformat(answer).isoformat() == answer
    except ValueError:
        return False


_IS = {"text": _is_text, "number": _is_number, "yes_no": lambda answer: isinstance(answer, bool), "date": _is_date}
