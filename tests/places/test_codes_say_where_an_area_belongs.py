"""A code alone says an area's level and what lies above and below it."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from participate.kernel.db import rows
from participate.kernel.scopes import subtree
from participate.places import codes
from participate.places.drafts import Draft
from participate.places.models import Area
from participate.places.service import store

CODES = ["43", "4301", "430102", "430102001", "430199", "4302", "4310", "44", "99", "9901", "990101001001999"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("43", "43"),
        ("430000", "43"),
        ("430100", "4301"),
        ("430102", "430102"),
        ("430102001", "430102001"),
        ("430102001000", "430102001"),
        ("430100000000", "4301"),
        ("430102001001", "430102001001"),
        ("430102001001001", "430102001001001"),
        ("430102001001001001", "430102001001001001"),
    ],
)
def test_filling_zeros_are_not_part_of_a_code(written: str, meant: str) -> None:
    assert codes.significant(written) == meant


@pytest.mark.parametrize(
    "text", ["", "4", "00", "000000", "43010", "430002", "430102001001000", "43010a", "４３", "4.3E5", "-4301"]
)
def test_what_is_no_code_is_known(text: str) -> None:
    assert codes.significant(text) is None


def test_upward_is_from_the_nearest_to_the_province() -> None:
    assert list(codes.upward("430102001001001")) == ["430102001001", "430102001", "430102", "4301", "43"]
    assert codes.parent("430102") == "4301"
    assert codes.parent("43") is None


@given(st.text("0123456789", max_size=18))
def test_a_code_is_below_all_that_is_above_it(text: str) -> None:
    meant = codes.significant(text)
    assert meant is None or all(meant.startswith(above) for above in codes.upward(meant))


def test_a_subtree_is_every_code_that_begins_so(app: Flask) -> None:
    store(Draft(code, "某地") for code in CODES)
    for prefix in ["", "4", "431", "97", *CODES]:
        found = rows(select(Area.code).where(subtree(Area.code, prefix)))
        assert {row.code for row in found} >= {each for each in CODES if each.startswith(prefix)}
        assert all(row.code.startswith(prefix) for row in found)
