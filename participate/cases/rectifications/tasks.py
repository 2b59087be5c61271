"""What the worker does for rectifications when facts arrive."""

from participate.cases.rectifications import service
from participate.kernel.outbox import Fact


def on_due(fact: Fact) -> None:
    """`rectification.plan_due` and those of the other duties: the unit, or who was to look, is late."""
    service.fall_due(fact.subject_id, fact.data["duty"])
