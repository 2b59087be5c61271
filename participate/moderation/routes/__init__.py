"""HTTP: the moderation desk, one module for each of its subjects."""

from participate.moderation.routes import (
    appeals,
    batches,
    claims,
    decisions,
    figures,
    flags,
    photos,
    queue,
    reasons,
    talk,
)
from participate.moderation.routes.room import moderation

__all__ = [
    "appeals",
    "batches",
    "claims",
    "decisions",
    "figures",
    "flags",
    "moderation",
    "photos",
    "queue",
    "reasons",
    "talk",
]
