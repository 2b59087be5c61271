"""All detectors look at a text, each by itself; none takes long, whatever the text."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from participate.config import from_environment
from participate.moderation.screening import text as screening
from participate.moderation.screening.folding import Folded
from participate.moderation.screening.found import Found
from participate.moderation.screening.text import CODES, text_flags

MOST = 10_000  # characters
_SECONDS = 1.0  # of processor time; it takes about 0.03, and took 2.6 where it grew with the square.


@pytest.fixture(autouse=True)
def _at_work(tmp_path: Path) -> Iterator[None]:
    app = Flask(__name__)
    app.extensions["participate.settings"] = from_environment(
        {"PARTICIPATE_DEMO": "1", "PARTICIPATE_DATA_DIR": str(tmp_path)}
    )
    with app.app_context():
        yield


def test_title_body_and_details_are_looked_at() -> None:
    flags = text_flags("代开发票", "楼上着火了，还有人没下来", {"ask": "电话13800000001"})
    assert {flag.code for flag in flags} == {"word", "emergency", "personal_data"}
    assert {flag.code for flag in flags} <= set(CODES)


def test_ids_and_codes_among_the_details_are_no_prose() -> None:
    assert text_flags(None, "路灯不亮了，请修一下", {"watched_unit": "13900000001", "service": "13900000001"}) == []


def test_a_detector_that_fails_is_told_of_beside_what_the_others_find(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: Folded) -> Iterator[Found]:
        raise RuntimeError(len(text.text))
        yield

    monkeypatch.setattr(screening, "_DETECTORS", (broken, *screening._DETECTORS))
    assert [flag.why for flag in text_flags(None, "楼上着火了，还有人没下来", {})] == [
        "flag.emergency_119",
        "flag.not_screened_text",
    ]


@pytest.mark.parametrize(
    "part",
    [
        "口交",
        "路口交通",
        "ﷺ",
        "1",
        "138",
        "a.",
        "a ",
        "a@",
        "6-",
        "发 ",
        "发***",
        "www",
        "湘A1",
        "不服",
        "着火了如果，",
        "我叫aa",
    ],
)
def test_no_text_takes_long(part: str) -> None:
    text = (part * MOST)[:MOST]
    text_flags(None, "好", {})  # Loads the lists.
    began = time.process_time()
    text_flags(None, text, {})
    assert time.process_time() - began < _SECONDS


@pytest.mark.parametrize("text", ["", "\ud800", "\x00\u202e", "\U0003ffff" * 9, "\u0301" * 9])
def test_strange_texts_are_only_texts(text: str) -> None:
    assert "not_screened" not in [flag.code for flag in text_flags(None, text, {})]
