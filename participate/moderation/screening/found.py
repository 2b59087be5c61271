"""A flag that a text deserves, with its reason."""

from dataclasses import dataclass, field
from typing import Any

NOT_SCREENED = "not_screened"  # A detector has failed.


@dataclass(frozen=True)
class Found:
    """`why` is a key of words that `values` fill; these hold no personal data in full, since flags stand in lists."""

    code: str
    why: str
    values: dict[str, Any] = field(default_factory=dict)
