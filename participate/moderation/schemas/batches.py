"""Shapes of many decisions at once."""

from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from participate.kernel.shapes import Flag, Shape, Whole, between, identifier, length, one_of
from participate.moderation.batches import MOST
from participate.moderation.models import ACTS, BATCH_STATES
from participate.moderation.schemas.decisions import DecisionBody


class BatchItemBody(DecisionBody):
    """A decision on one of many tasks; `version` is the task's as it was seen."""

    task_id = identifier(required=True)
    version = Whole(validate=between(1, 2**31 - 1), metadata={"example": 1})


class BatchBody(DecisionBody):
    """Either `items`, each a task with its decision, or `task_ids` and one decision for all of them.

    `dry_run` says what each would come to, and changes nothing.
    """

    EXAMPLE: ClassVar[dict[str, Any] | None] = {
        "task_ids": ["019aafc3-7c00-7000-8000-000000000001"],
        "decision": "accept",
        "dry_run": True,
    }
    decision = fields.String(validate=one_of(*ACTS))
    items = fields.List(fields.Nested(BatchItemBody), validate=length(1, MOST))
    task_ids = fields.List(identifier(), validate=length(1, MOST))
    dry_run = Flag(load_default=False, metadata={"example": True})

    @validates_schema(skip_on_field_errors=True)
    def one_or_the_other(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Not both, and a decision with the second alone."""
        if "items" in data:
            beside = sorted(data.keys() - {"items", "dry_run"})
            if beside:
                raise ValidationError("unknown", {"fields_": "fields"}.get(beside[0], beside[0]))
        elif "task_ids" not in data:
            raise ValidationError("required", "items")
        elif "decision" not in data:
            raise ValidationError("required", "decision")


class ItemErrorShape(Shape):
    """One thing wrong with one field of a decision."""

    field = fields.String(required=True, metadata={"example": "note"})
    code = fields.String(required=True, metadata={"example": "required"})
    message = fields.String(required=True, metadata={"example": "必填。"})


class OutcomeShape(Shape):
    """What has become of one decision, or would: `ok`, `undone`, or the code of a problem."""

    task_id = identifier(required=True)
    outcome = fields.String(required=True, metadata={"example": "ok"})
    errors = fields.List(fields.Nested(ItemErrorShape), required=True, metadata={"example": []})


class StagedAnswer(Shape):
    """What was kept, until when it can be undone, and each outcome in the order in which it was asked for."""

    batch_id = fields.String(
        required=True,
        allow_none=True,
        metadata={"format": "uuid", "description": "null after a dry run, or where no decision can be made"},
    )
    undo_until = fields.DateTime(required=True, allow_none=True)
    items = fields.List(fields.Nested(OutcomeShape), required=True)


class BatchShape(Shape):
    """Decisions made together: `staged` until they can no longer be undone, then `done` or else `undone`."""

    batch_id = identifier(required=True)
    made_by = identifier(required=True)
    state = fields.String(required=True, validate=one_of(*BATCH_STATES))
    made_at = fields.DateTime(required=True)
    undo_until = fields.DateTime(required=True)
    ended_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "when all of it had taken effect, or was undone"}
    )


class BatchOutcomeShape(OutcomeShape):
    """What has become of one decision."""

    decision = fields.String(required=True, validate=one_of(*ACTS))


class BatchAnswer(BatchShape):
    """A batch with what was decided in it."""

    items = fields.List(fields.Nested(BatchOutcomeShape), required=True)


class BatchList(Shape):
    """A page of batches, the newest first."""

    items = fields.List(fields.Nested(BatchShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})
