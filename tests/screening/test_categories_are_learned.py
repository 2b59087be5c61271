"""A category is suggested from what was decided before, as surely as it was right; and not before enough is known."""

from random import Random

import pytest

from participate.moderation.screening.suggesting import TOO_FEW, TOO_UNCERTAIN, Suggester

WORDS = {
    "light": ("路灯不亮", "晚上看不清路", "灯杆歪了", "灯泡坏了"),
    "road": ("路面有坑", "井盖松动", "人行道塌陷", "沥青开裂"),
    "waste": ("垃圾没有清运", "垃圾桶满了", "气味很大", "苍蝇很多"),
}


def examples(many: int, noise: float = 0.0, seed: int = 7) -> list[tuple[str, str]]:
    chance, made = Random(seed), []
    for number in range(many):
        category = list(WORDS)[number % 3]
        text = "，".join(chance.choice(WORDS[category]) for _ in range(3)) + f"，第{chance.randrange(900)}号门口"
        made.append((text, chance.choice(list(WORDS)) if chance.random() < noise else category))
    return made


def test_it_is_silent_until_it_has_enough() -> None:
    for few in (0, 10, 199):
        suggester = Suggester.learn(examples(few))
        assert (suggester.suggest("路灯不亮"), suggester.why_silent) == (None, TOO_FEW)


def test_what_cannot_be_told_apart_is_not_suggested() -> None:
    suggester = Suggester.learn(examples(600, noise=1.0))
    assert (suggester.suggest("路灯不亮"), suggester.why_silent) == (None, TOO_UNCERTAIN)


def test_what_was_learned_by_heart_is_no_proof() -> None:
    chance = Random(3)
    by_heart = [("".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(40)), f"c{n % 4}") for n in range(600)]
    assert Suggester.learn(by_heart).why_silent == TOO_UNCERTAIN


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_it_is_as_right_as_it_says(noise: float) -> None:
    suggester = Suggester.learn(examples(600, noise))
    assert suggester.why_silent is None
    for category, said in WORDS.items():
        found = suggester.suggest("，".join(said))
        assert found is not None
        assert (found.category, found.n >= 20) == (category, True)
        assert 0.7 <= found.confidence <= 1.0


def test_a_category_that_hardly_ever_is_is_not_suggested() -> None:
    rare = [("树枝断了挂在电线上", "tree")] * 19
    found = Suggester.learn(examples(600) + rare).suggest("树枝断了挂在电线上")
    assert found is None or found.category != "tree"


def test_the_same_examples_teach_the_same() -> None:
    one, other = (Suggester.learn(examples(600)).suggest("井盖松动，路面有坑") for _ in range(2))
    assert one == other


@pytest.mark.parametrize("noise", [0.0, 0.2, 0.3])
def test_its_confidence_holds_for_what_it_has_not_seen(noise: float) -> None:
    suggester, fresh = Suggester.learn(examples(1500, noise)), examples(1500, noise, seed=8)
    answers = [(found, category) for text, category in fresh if (found := suggester.suggest(text))]
    right = sum(found.category == category for found, category in answers) / len(answers)
    said = sum(found.confidence for found, _ in answers) / len(answers)
    assert len(answers) > 1000
    assert abs(right - said) < 0.08
