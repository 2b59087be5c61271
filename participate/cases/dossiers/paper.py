"""Puts a file on paper: a PDF in a font that whatever shows PDFs brings for Chinese, so that none comes along."""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.platypus import Paragraph, SimpleDocTemplate

from participate.kernel.context import settings
from participate.kernel.words import say

_FONT = "STSong-Light"
_SIZES = {"title": 16, "heading": 12, "text": 10, "small": 8}
# What no font shows, and would end a PDF's text where it stands.
_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_PARTS = {"situation": "dossier.situation", "analysis": "dossier.analysis", "ask": "dossier.ask"}
Line = tuple[str, str]  # its style, and what it says


def printed(told: dict[str, Any], language: str) -> bytes:
    """The file as `gathering` makes it; the same one always gives the same bytes."""
    target, styles = BytesIO(), _styles()
    paper = SimpleDocTemplate(target, pagesize=A4, title=told["proposal"]["reference"], invariant=1)
    paper.build([Paragraph(_marked_up(text), styles[style]) for style, text in _lines(told, language)])
    return target.getvalue()


@cache
def _styles() -> dict[str, ParagraphStyle]:
    registerFont(UnicodeCIDFont(_FONT))
    return {
        name: ParagraphStyle(
            name, fontName=_FONT, fontSize=size, leading=size * 1.5, wordWrap="CJK", spaceBefore=size / 2
        )
        for name, size in _SIZES.items()
    }


def _marked_up(text: str) -> str:
    return escape(_UNPRINTABLE.sub(" ", text)).replace("\n", "<br/>")


def _lines(told: dict[str, Any], language: str) -> Iterator[Line]:
    yield from _head(told, language)
    chapters = (
        ("dossier.replies", (_step(each) for each in told["replies"])),
        ("dossier.countersignatures", (_signed(each, language) for each in told["countersignatures"])),
        ("dossier.promises", (_promise(each, language) for each in told["promises"])),
        ("dossier.ratings", (_rated(each, language) for each in told["ratings"])),
        ("dossier.talks", (_step(each) for each in told["talks"])),
        ("dossier.timeline", (_step(each) for each in told["timeline"])),
        ("dossier.photos", (each["file"] for each in told["photos"] if each["file"])),
    )
    for heading, lines in chapters:
        yield from _chapter(say(heading, language), [line for line in lines if line])
    if told["cut"]:
        yield "small", say("dossier.cut", language)


def _head(told: dict[str, Any], language: str) -> Iterator[Line]:
    proposal = told["proposal"]
    yield "title", proposal["title"] or proposal["reference"]
    yield (
        "text",
        say("dossier.reference", language, reference=proposal["reference"], day=_moment(proposal["created_at"])),
    )
    filing = proposal["filing"]
    if filing["number"]:
        yield "text", say("dossier.number", language, number=filing["number"])
    yield "text", say("dossier.signed", language, number=filing["signed"])
    yield "text", proposal["body"]
    for name, heading in _PARTS.items():
        yield from _chapter(say(heading, language), [proposal["details"].get(name)])


def _chapter(heading: str, lines: list[str | None]) -> Iterator[Line]:
    """Nothing where it would be empty."""
    said = [line for line in lines if line]
    if said:
        yield "heading", heading
        yield from (("text", line) for line in said)


def _step(step: dict[str, Any]) -> str:
    answer = f" [{step['answer_class']}]" if step["answer_class"] else ""
    note = f"\n{step['note']}" if step["note"] else ""
    return f"{_moment(step['at'])}{answer} {step['text']}{note}"


def _signed(each: dict[str, Any], language: str) -> str:
    known = {"countersigned": "dossier.countersigned", "declined": "dossier.declined", "late": "dossier.late"}
    said = say(known.get(each["state"], "dossier.waits"), language)
    return " ".join(filter(None, (each["unit"] or each["account"], said, each["reason"])))


def _promise(each: dict[str, Any], language: str) -> str:
    return f"{say('dossier.promised', language, day=_moment(each['due_at'])[:10])} {each['text']}"


def _rated(each: dict[str, Any], language: str) -> str:
    if each["resolved"] is None:
        return say("dossier.rated_by_few", language, number=each["rated"])
    return say("dossier.rated", language, number=each["rated"], resolved=each["resolved"], mean=each["satisfaction"])


def _moment(moment: datetime) -> str:
    return moment.astimezone(settings().timezone).strftime("%Y-%m-%d %H:%M")
