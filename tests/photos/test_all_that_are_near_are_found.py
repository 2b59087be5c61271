"""The index finds every fingerprint that differs in at most 8 bits, and nothing else, whatever has been put into it."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participate.photos import alike_index
from participate.photos.alike_index import Fingerprints

ALL = 10**9
PRINTS = st.integers(0, 2**64 - 1)


@pytest.fixture(params=["sorted in", "in the tail", "both"], autouse=True)
def tail(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike_index, "_TAIL", {"sorted in": 0, "in the tail": ALL, "both": 40}[request.param])


def index_of(prints: list[int], step: int = 30) -> Fingerprints:
    index = Fingerprints()
    for start in range(0, len(prints), step):
        index.add([(start + number, each) for number, each in enumerate(prints[start : start + step], start=1)])
    return index


def changed(fingerprint: int, bits: int, chance: Random) -> int:
    for bit in chance.sample(range(64), bits):
        fingerprint ^= 1 << bit
    return fingerprint


def by_looking_at_all(prints: list[int], wanted: int) -> list[int]:
    apart = [((wanted ^ each).bit_count(), -number) for number, each in enumerate(prints, start=1)]
    return [-number for bits, number in sorted(apart) if bits <= 8]


@given(PRINTS, st.integers(0, 2**32))
def test_as_a_look_at_all_finds_them(wanted: int, seed: int) -> None:
    chance = Random(seed)
    prints = [chance.getrandbits(64) for _ in range(50)]
    prints += [changed(wanted, chance.randrange(12), chance) for _ in range(80)]
    chance.shuffle(prints)
    assert index_of(prints).near(wanted, ALL) == by_looking_at_all(prints, wanted)


@pytest.mark.parametrize("spread", [(8, 0, 0, 0), (0, 8, 0, 0), (2, 2, 2, 2), (3, 2, 2, 1), (3, 1, 2, 2), (2, 3, 2, 1)])
def test_however_the_bits_are_spread(spread: tuple[int, ...]) -> None:
    """Over the four bands by which they are looked up."""
    chance = Random(1)
    for _ in range(200):
        wanted = chance.getrandbits(64)
        other = wanted
        for shift, width, bits in zip(alike_index._SHIFTS, alike_index._WIDTHS, spread, strict=True):
            for bit in chance.sample(range(width), bits):
                other ^= 1 << (shift + bit)
        assert index_of([chance.getrandbits(64), other]).near(wanted, ALL) == [2]


def test_of_thousands_that_are_the_same_the_newest_come_first() -> None:
    index = index_of([0] * 5000, 5000)
    assert index.near(0, 3) == [5000, 4999, 4998]
    assert index.near(0xFF, 1) == [5000]
    assert index.near(0x1FF, 1) == []


def test_an_empty_one_finds_nothing() -> None:
    assert Fingerprints().near(0, ALL) == []
