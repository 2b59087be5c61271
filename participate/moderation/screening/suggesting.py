"""Which category a text is likely to get: naive Bayes over pairs of characters, learned from decisions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from participate.moderation.screening.folding import letters

FEWEST, FEWEST_OF_ONE = 200, 20  # examples in all, and of a category that is suggested
RIGHT = 0.7  # So many of the answers to examples that were held out must have been right.
_HELD_OUT = 5  # One in so many.
_BUCKETS = 2**15  # Pairs of characters share these by their hash.
_STEPS = (0.99, 0.97, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5)
_FEWEST_ANSWERS = 20
TOO_FEW, TOO_UNCERTAIN = "moderation.suggests_too_few", "moderation.suggests_too_uncertain"
_Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Suggestion:
    """`confidence` is the share of held-out examples that were right at such certainty or more; `n` were held out."""

    category: str
    confidence: float
    n: int


class Suggester:
    """Silent until it has learned enough; `why_silent` is the key of words that say why, None where it is not."""

    def __init__(self) -> None:
        self.why_silent: str | None = TOO_FEW
        self._categories: list[str] = []
        self._weights = np.zeros((0, _BUCKETS))
        self._priors = np.zeros(0)
        self._steps: list[tuple[float, float, int]] = []  # Certainty from which, share that was right, of how many.

    @classmethod
    def learn(cls, examples: Iterable[tuple[str, str]]) -> "Suggester":
        """From pairs of a text and its category; the same pairs make the same suggester."""
        made, given = cls(), list(examples)
        often = {name for name, n in Counter(category for _, category in given).items() if n >= FEWEST_OF_ONE}
        if len(given) < FEWEST or len(often) < 2:
            return made
        kept = [(pairs(text), category) for text, category in given]
        out = [_is_held_out(n, text) for n, (text, _) in enumerate(given)]
        made._fit([each for each, held in zip(kept, out, strict=True) if not held and each[1] in often])
        made._steps = made._calibrated([each for each, held in zip(kept, out, strict=True) if held])
        made.why_silent = None if made._steps else TOO_UNCERTAIN
        made._fit([each for each in kept if each[1] in often])
        return made

    def _fit(self, examples: Sequence[tuple[NDArray[np.int64], str]]) -> None:
        """Multinomial, with Laplace's one added to each count."""
        self._categories = sorted({category for _, category in examples})
        place = {category: n for n, category in enumerate(self._categories)}
        counts, many = np.ones((len(place), _BUCKETS)), np.zeros(len(place))
        for seen, category in examples:
            np.add.at(counts[place[category]], seen, 1.0)
            many[place[category]] += 1
        self._weights = np.log(counts / counts.sum(axis=1, keepdims=True))
        self._priors = np.log(many / many.sum())

    def _best(self, seen: NDArray[np.int64]) -> tuple[str, float]:
        """The likeliest category, and how certain the model itself is: too certain of long texts, so per pair."""
        scores: _Vector = self._priors + self._weights[:, seen].sum(axis=1) / max(1.0, len(seen) ** 0.5)
        likely = np.exp(scores - scores.max())
        best = int(likely.argmax())
        return self._categories[best], float(likely[best] / likely.sum())

    def _calibrated(self, held_out: Sequence[tuple[NDArray[np.int64], str]]) -> list[tuple[float, float, int]]:
        answers = [(certain, guess == category) for (guess, certain), category in self._answered(held_out)]
        steps = []
        for step in _STEPS:
            right = [is_right for certain, is_right in answers if certain >= step]
            if len(right) >= _FEWEST_ANSWERS and sum(right) >= RIGHT * len(right):
                steps.append((step, sum(right) / len(right), len(right)))
        return steps

    def _answered(self, examples: Sequence[tuple[NDArray[np.int64], str]]) -> Iterable[tuple[tuple[str, float], str]]:
        return ((self._best(seen), category) for seen, category in examples if len(seen))

    def suggest(self, text: str) -> Suggestion | None:
        """The category of a text, where what was held out shows that such an answer is mostly right."""
        seen = pairs(text)
        if self.why_silent is not None or not len(seen):
            return None
        category, certain = self._best(seen)
        step = next(((right, n) for step, right, n in self._steps if certain >= step), None)
        return Suggestion(category, *step) if step else None


def pairs(text: str) -> NDArray[np.int64]:
    """The buckets of all pairs of neighbouring letters."""
    plain = letters(text)
    codes = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    return (codes[:-1] * 1_000_003 + codes[1:] * 8_191) % 1_000_000_007 % _BUCKETS if len(codes) > 1 else codes[:0]


def _is_held_out(number: int, text: str) -> bool:
    """By the text and its place, so that it does not hang on chance."""
    return blake2b(f"{number} {text}".encode("utf-8", "surrogatepass"), digest_size=2).digest()[0] % _HELD_OUT == 0
