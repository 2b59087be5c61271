"""The six kinds, as a table: who sees them, what they lead to, and what only that kind has to say."""

from dataclasses import dataclass
from typing import Any

from marshmallow import fields

from participate.kernel.errors import Fault, Invalid
from participate.kernel.shapes import Flag, Shape, identifier, length, loaded, one_of, text

# What may be watched over: a unit, how a submission is handled, a proposal's answer, a project of a unit.
TARGETS = UNIT, CASE, ANSWER, PROJECT = ("unit", "case", "answer", "project")


def _answers(example: dict[str, Any]) -> fields.Dict:
    """To the questions of the condition or service, by their codes; the catalogue says which and of what type."""
    return fields.Dict(
        keys=fields.String(validate=length(1, 40)),
        values=fields.Raw(allow_none=True),
        validate=length(0, 30),
        metadata={"example": example, "description": "to the questions that the catalogue asks, by their codes"},
    )


class ReportDetails(Shape):
    """What a snap report may add."""

    condition = text(1, 40, metadata={"example": "C0101-3", "description": "a condition of the category"})
    answers = _answers({"C0101-3.traffic": "footway"})


class SuggestionDetails(Shape):
    """What a suggestion may add."""

    reason = text(1, 2500, metadata={"example": "放学时段人车混行。"})
    benefit = text(1, 2500, metadata={"example": "孩子过街更安全。"})


class ProposalDetails(Shape):
    """A proposal's three parts, where they do not all stand in the body."""

    situation = text(1, 2500, metadata={"example": "小区北门没有非机动车停车位。"})
    analysis = text(1, 2500, metadata={"example": "规划时未考虑电动车增长。"})
    ask = text(1, 2500, metadata={"example": "在北门东侧划出 60 个车位。"})


class ConsultationDetails(Shape):
    """The question put to the people concerned."""

    question = text(1, 500, metadata={"example": "社区广场晚上几点熄灯合适？"})


class SupervisionDetails(Shape):
    """Who or what is watched: `target` says which of these must be named."""

    target = fields.String(validate=one_of(*TARGETS), metadata={"example": "project"})
    watched_unit = identifier(metadata={"description": "for `unit` and `project`"})
    watched_submission = identifier(metadata={"description": "for `case` and `answer`: whose handling it is about"})
    watched = text(1, 200, metadata={"example": "某路段改造工程"})


class ServiceDetails(Shape):
    """Which of the listed services is asked for."""

    service = text(1, 40, required=True, metadata={"example": "S0101"})
    states_need = Flag(metadata={"description": "for a service for those in some need: that the asker is"})
    when = text(1, 200, metadata={"example": "工作日上午"})
    answers = _answers({"S0101.floor": 3, "S0101.lift": True})
    documents = fields.Dict(
        keys=fields.String(validate=length(1, 40)),
        values=fields.String(),
        validate=length(0, 20),
        metadata={"example": {}, "description": "by the service's codes, the ids of photos that show them"},
    )


# Who hands a submission in: a resident, or an officer who has found it on their round.
SOURCES = RESIDENT, OFFICER = ("resident", "officer")
# How somebody tells an officer who speaks for them what they want.
RELAYED = ("phone", "in_person", "paper")


@dataclass(frozen=True)
class Kind:
    """`public`: seen by all once accepted. `leads_to`: a case, or its own consultation. `needs_place`: no case
    can be found a handler without one. `handled_by`: the role that is looked for around its place. `is_filed`: the
    staff decide whether it leads there, and give it a number. `carried_on_as`: what the staff may make of it, too."""

    name: str
    details: type[Shape]
    public: bool
    leads_to: str = "case"
    needs_place: bool = False
    handled_by: str | None = None
    is_filed: bool = False
    carried_on_as: tuple[str, ...] = ()


_PROPOSAL, _CONSULTATION = "micro_proposal", "micro_consultation"
KINDS = {
    kind.name: kind
    for kind in (
        Kind("snap_report", ReportDetails, public=True, needs_place=True, handled_by="grid_officer"),
        Kind("micro_suggestion", SuggestionDetails, public=True, carried_on_as=(_PROPOSAL, _CONSULTATION)),
        Kind(_PROPOSAL, ProposalDetails, public=True, is_filed=True, carried_on_as=(_CONSULTATION,)),
        Kind(_CONSULTATION, ConsultationDetails, public=True, leads_to="consultation"),
        Kind("micro_supervision", SupervisionDetails, public=False, handled_by="supervisor"),
        Kind("micro_service", ServiceDetails, public=False, handled_by="grid_officer"),
    )
}
_DETAILS = {kind.name: kind.details() for kind in KINDS.values()}
# Kinds that only these desks see, whatever the area: the unit watched must not learn of it.
SEALED = "micro_supervision"
SEALED_ROLES = frozenset({"moderator", "supervisor", "auditor"})


def checked_details(kind: str, details: dict[str, Any]) -> dict[str, Any]:
    """`details` as its kind takes them. Raises Invalid with the path of each fault."""
    return loaded(_DETAILS[kind], details, "details")


MOST_PROPOSED = 2500  # characters, of all the parts of a proposal together


def check_length(kind: str, body: str, details: dict[str, Any]) -> None:
    """Raises Invalid for a proposal that is longer than one matter takes."""
    if kind == "micro_proposal" and len(body) + sum(len(part) for part in details.values()) > MOST_PROPOSED:
        raise Invalid(Fault("body", "proposal_too_long", (("max", MOST_PROPOSED),)))


def missing_place(kind: str) -> Invalid:
    """The refusal of a submission that names neither a place nor a photo that could."""
    return Invalid(Fault("place", "place_or_photo", (("kind", kind),)))
