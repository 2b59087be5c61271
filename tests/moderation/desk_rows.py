"""Tasks that were decided on long ago, laid as rows: figures want more of them than a test has time to decide on."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from participate.kernel.db import table, transaction
from participate.kernel.ids import first_id, new_id
from participate.moderation.models import ModerationFlag, ModerationOpinion, ModerationTask


@dataclass
class DeskRows:
    """Lays tasks of one submission, which carries them all."""

    submission: str
    author: str
    dice: Random = field(default_factory=lambda: Random(5))

    def lay(self, opened_at: datetime, minutes: float, **columns: Any) -> dict[str, Any]:
        """A task that took so long; decided as `columns` say, or accepted."""
        row = {
            "id": self.id_at(opened_at),
            "submission_id": self.submission,
            "fact_id": new_id(),
            "kind": "micro_suggestion",
            "title": "A lamp",
            "area": "990101001001001",
            "author_id": self.author,
            "purpose": "look",
            "reviews": None,
            "flags": [],
            "flag_codes": " ",
            "rank": 1,
            "opened_at": opened_at,
            "due_at": opened_at + timedelta(hours=4),
            "state": "decided",
            "decided_by": None,
            "decided_at": opened_at + timedelta(minutes=minutes),
            "decision": "accept",
            "reason": None,
        } | columns
        with transaction() as session:
            session.execute(insert(table(ModerationTask)), row)
        return row

    def id_at(self, moment: datetime) -> str:
        """An id as it is made at `moment`."""
        return str(UUID(int=UUID(first_id(moment)).int | self.dice.getrandbits(60)))

    def opinion(self, task: dict[str, Any], decision: str) -> None:
        """A second opinion on a task."""
        row = {"id": new_id(), "task_id": task["id"], "asked_by": self.author, "question": "?", "decision": decision}
        with transaction() as session:
            session.execute(insert(table(ModerationOpinion)), row | {"asked_at": task["opened_at"]})

    def flag(self, task: dict[str, Any], code: str, borne_out: bool) -> None:
        """A flag of a task."""
        row = {"task_id": task["id"], "code": code, "why": f"flag.{code}", "values": {}, "waits": False, "rank": 1}
        row |= {"due_at": task["due_at"], "decided_at": task["decided_at"], "borne_out": borne_out}
        with transaction() as session:
            session.execute(insert(table(ModerationFlag)), row)
