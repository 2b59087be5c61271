"""Feed entries for tests that do not walk a submission's whole way to each."""

from typing import Any, Protocol

from participate.kernel.clock import now
from participate.kernel.ids import new_id


class Somebody(Protocol):
    """Whoever has an account."""

    @property
    def account_id(self) -> str:
        """Its id."""


def entry(who: Somebody, concern: str, **more: Any) -> dict[str, Any]:
    """One for this reader, which concerns them so; `reference` is what its text names."""
    values = {"reference": more.pop("reference", "SC5-7P5-9BW"), "title": "", "note": more.pop("note", None)}
    said = {"move": "start", "words": "step.case.start", "values": values, "concern": concern, "submission_id": None}
    return {"account_id": who.account_id, "fact_id": new_id(), "at": now()} | said | more
