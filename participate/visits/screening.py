"""No personal data beyond need: a text that says whose door it was is not taken, and its writer hears where."""

from unicodedata import category, normalize

from participate.kernel.errors import Fault, Invalid
from participate.kernel.personal import mask, told


def refuse_personal(text: str) -> None:
    """Raises Invalid with a fault for each kind of personal data in `text`: the first of it, masked, and its place."""
    folded, places = _folded(text)
    found = ((mask(each.value), places[each.at] + 1) for each in told(folded))
    faults = [Fault("text", "personal_data", (("shown", shown), ("at", at))) for shown, at in found]
    if faults:
        raise Invalid(*faults)


def _folded(text: str) -> tuple[str, list[int]]:
    """`text` as `told` reads it, and where each of its characters stood.

    Traditional characters stay as they are: the dictionaries that simplify them are too heavy for the web half.
    """
    pairs = [(each, place) for place, character in enumerate(text) for each in _plain(character)]
    return "".join(each for each, _ in pairs), [place for _, place in pairs]


def _plain(character: str) -> str:
    """Compatible forms alike, in small letters; nothing for what has no width."""
    if category(character) in {"Cf", "Mn", "Cc", "Cs"} and character not in "\n\t":
        return ""
    return normalize("NFKC", character).casefold()
