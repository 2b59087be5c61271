"""What the worker does for consultations when facts arrive."""

from participate.consultations import rounds, service, signs
from participate.kernel.outbox import Fact


def on_opened(fact: Fact) -> None:
    """`submission.opened`: statements are taken from now on."""
    service.opened(fact.subject_id)


def on_turn_due(fact: Fact) -> None:
    """`round.turn_due`: a round is announced, opens or ends."""
    rounds.turn(fact.subject_id)


def on_concluded(fact: Fact) -> None:
    """`submission.concluded`: its rounds are over with it, and whence people came is forgotten."""
    signs.forget_addresses_of(fact.subject_id)
    rounds.end_all(fact.subject_id)
