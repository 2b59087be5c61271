"""Groups of opinion that are known are found again, with what each stands for; the same votes make the same picture."""

import numpy as np
import pytest

from participate.consultations import opinion
from participate.consultations.opinion import Floats, Labels, Memory

SEED = 7


def opinions(*sizes: int, statements: int = 40, given: float = 0.6, seed: int = 1) -> tuple[Floats, Labels]:
    """Votes of groups that each have a taste of their own, from which one vote in eight strays."""
    chance = np.random.default_rng(seed)
    taste = chance.choice([-1.0, 1.0], size=(len(sizes), statements))
    taste[:, 0] = 1.0  # All agree to the first one.
    who = np.repeat(np.arange(len(sizes)), sizes)
    votes = taste[who] * np.where(chance.random((len(who), statements)) < 0.12, -1, 1)
    votes[chance.random(votes.shape) < 0.1] = 0
    votes[chance.random(votes.shape) > given] = np.nan
    return votes, who


def together(label: Labels, who: Labels) -> float:
    """The share of pairs that both divisions treat alike."""
    one, other = label[:, np.newaxis] == label, who[:, np.newaxis] == who
    return float((one == other).mean())


@pytest.mark.parametrize("sizes", [(60, 40), (60, 40, 30), (300, 200)])
@pytest.mark.parametrize("seed", [1, 2])
def test_known_groups_are_found(sizes: tuple[int, ...], seed: int) -> None:
    votes, who = opinions(*sizes, seed=seed)
    found = opinion.picture(votes, SEED)
    assert found.memory.groups == len(sizes)
    assert together(found.group, who[found.counted]) > 0.95


def test_what_a_group_stands_for_is_what_its_people_think() -> None:
    votes, _ = opinions(60, 40, seed=3)
    found = opinion.picture(votes, SEED)
    for group, named in enumerate(opinion.representative(opinion.tally(votes, found))):
        mine, others = votes[found.counted][found.group == group], votes[found.counted][found.group != group]
        assert 0 < len(named) <= opinion.REPRESENTATIVE
        for one in named:
            side = 1 if one["side"] == "agree" else -1
            share, theirs = (np.nanmean(part[:, one["statement"]] == side) for part in (mine, others))
            assert share > theirs


def test_what_all_agree_on_comes_first() -> None:
    votes, _ = opinions(60, 40, 30)
    agree, _ = opinion.consensus(opinion.tally(votes, opinion.picture(votes, SEED)))
    assert agree.argmax() == 0


def test_the_numbers_are_those_of_the_formulas() -> None:
    counts = opinion.Tally(np.array([[8.0], [1.0]]), np.array([[1.0], [7.0]]), np.array([[10.0], [10.0]]))
    agree, disagree = opinion.consensus(counts)
    assert agree[0] == pytest.approx(9 / 12 * 2 / 12)
    assert disagree[0] == pytest.approx(2 / 12 * 8 / 12)
    (first,), (second,) = opinion.representative(counts)
    assert (first["side"], second["side"]) == ("agree", "disagree")
    assert (first["share"], first["more"]) == (pytest.approx(9 / 12), pytest.approx(9 / 2))


def test_the_same_votes_make_the_same_picture() -> None:
    votes, _ = opinions(60, 40, 30)
    one, other = opinion.picture(votes, SEED), opinion.picture(votes.copy(), SEED)
    assert np.array_equal(one.positions, other.positions)
    assert np.array_equal(one.group, other.group)


def test_who_has_voted_little_does_not_count() -> None:
    votes, _ = opinions(30, 30)
    votes[0], votes[1] = np.nan, np.nan
    votes[0, :6], votes[1, :7] = 1, 1
    assert opinion.picture(votes, SEED).counted[:2].tolist() == [False, True]


def test_another_number_of_groups_must_be_best_four_times() -> None:
    held = Memory().after(2)
    assert held.groups == 2
    for times in range(1, opinion.STEADY):
        held = held.after(3)
        assert (held.groups, held.times) == (2, times)
    assert held.after(2).groups == 2
    assert held.after(3).groups == 3


@pytest.mark.parametrize("votes", [np.empty((0, 0)), np.empty((0, 3)), np.full((3, 2), np.nan), np.ones((9, 8))])
def test_few_votes_make_a_picture_without_groups(votes: Floats) -> None:
    found = opinion.picture(votes, SEED)
    assert found.group.max(initial=0) == 0
    opinion.representative(opinion.tally(votes, found))
