"""Personal data in a text, masked wherever it is said: what would do somebody harm once everyone reads it."""

from collections.abc import Iterator

from participate.kernel.personal import mask, told
from participate.moderation.screening.folding import Folded
from participate.moderation.screening.found import Found

PERSONAL = "personal_data"
CODES = (PERSONAL,)
# By the kind that is told first.
_WHYS = {
    "id": "flag.personal_id",
    "phone": "flag.personal_phone",
    "card": "flag.personal_card",
    "plate": "flag.personal_plate",
    "mail": "flag.personal_mail",
    "name": "flag.personal_name",
    "chat": "flag.personal_chat",
}


def personal(text: Folded) -> Iterator[Found]:
    """One flag that names the kinds found and shows the first of each, masked."""
    shown = [(each.kind, mask(each.value)) for each in told(text.text, text.joined.text)]
    if shown:
        yield Found(PERSONAL, _WHYS[shown[0][0]], {"shown": "、".join(value for _, value in shown)})
