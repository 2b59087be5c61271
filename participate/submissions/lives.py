"""The moves that only some submissions make: they change who has a part in it or what is kept, not how far it is."""

from participate.kernel.workflow import SYSTEM, Move, among
from participate.submissions import guards

# Towards one submission: the member who wrote it, one who was asked to sign it, one who has; who has taken charge.
PROPOSER, INVITED, COSIGNER, ADOPTER = "proposer", "invited", "cosigner", "adopter"
_STAFF, _MEMBER = "moderator", "member"
_UNFILED = ("received", "in_moderation", "returned", "accepted")
_ACTED_ON = ("accepted", "assigned", "in_progress", "in_verification", "answered")

PROPOSING = (
    Move(
        "invite",
        among(*_UNFILED),
        None,
        among(PROPOSER),
        "cosigners_invited",
        "Its author asks other members to sign it too, until a day that the first invitation names.",
        needs=("members",),
        guard=guards.may_be_signed,
        shown_to="author",
    ),
    Move(
        "cosign",
        among(*_UNFILED),
        None,
        among(INVITED),
        "cosigned",
        "A member who was asked stands by it, and hears and says what becomes of it like its author.",
        guard=guards.may_be_signed,
        shown_to="author",
    ),
    Move(
        "decline",
        among(*_UNFILED),
        None,
        among(INVITED),
        "cosigning_declined",
        "A member who was asked does not sign.",
        guard=guards.may_be_signed,
        shown_to="author",
    ),
    Move(
        "unsign",
        among(*_UNFILED),
        None,
        among(COSIGNER),
        "unsigned",
        "Who has signed takes that back, as long as others may still sign.",
        guard=guards.may_be_signed,
        shown_to="author",
    ),
    Move(
        "file",
        among("accepted"),
        None,
        among(_STAFF),
        "filed",
        "It gets the next number of the year, and with it a case; where it is hard, everyone reads why beforehand.",
        guard=guards.may_be_filed,
        note_to="public",
        says=("number",),
    ),
    Move(
        "shelve",
        among("accepted"),
        "rejected",
        among(_STAFF),
        "shelved",
        "It is not filed, for a reason that everyone reads; it is kept as public opinion.",
        needs=("note",),
        guard=guards.is_unfiled,
        note_to="public",
    ),
    Move(
        "mark",
        among(*_ACTED_ON, "closed"),
        None,
        among(_STAFF),
        "marked",
        "It is one of the year's key proposals, or of the excellent ones.",
        needs=("mark",),
        guard=guards.is_filed,
        says=("mark",),
    ),
    Move(
        "talk",
        among("answered", "closed"),
        None,
        among(_STAFF),
        "discussed",
        "It was done again as often as it may be: those who answer and those who ask have met, and this was said.",
        needs=("note",),
        guard=guards.was_redone,
        note_to="public",
    ),
)

SUGGESTING = (
    Move(
        "adopt",
        among("accepted", "assigned", "in_progress"),
        None,
        among(_STAFF, _MEMBER),
        "adopted",
        "A member, or the staff, takes charge of it: goes and looks, and tells how it gets on.",
        guard=guards.is_free,
    ),
    Move(
        "report_progress",
        among(*_ACTED_ON),
        None,
        among(ADOPTER),
        "progress_reported",
        "Who has taken charge tells all who follow it how it gets on; it stops no clock.",
        needs=("note",),
        guard=guards.is_suggestion,
        note_to="public",
    ),
    Move(
        "hand_back",
        among(*_ACTED_ON),
        None,
        among(ADOPTER),
        "abandoned",
        "Who has taken charge does so no longer, and says why; somebody else may.",
        needs=("note",),
        guard=guards.is_suggestion,
        note_to="public",
    ),
)

CARRYING = (
    Move(
        "convert",
        among("accepted", "assigned", "in_progress"),
        None,
        among(_STAFF),
        "converted",
        "It is carried on as something else as well, which begins its own way; who supports it is asked anew there.",
        needs=("into",),
        guard=guards.may_be_carried_on,
        says=("carried",),
    ),
    Move(
        "lead_on",
        among(*_ACTED_ON, "closed", "rejected"),
        None,
        among(SYSTEM),
        "followers_asked",
        "All may read now what it was carried on as: whoever supports that says so there.",
        guard=guards.leads_on,
        says=("carried",),
    ),
)
# Which moves only such kinds make.
OF_KIND = {
    "micro_proposal": frozenset(move.name for move in (*PROPOSING, *CARRYING)),
    "micro_suggestion": frozenset(move.name for move in (*SUGGESTING, *CARRYING)),
}
OVER = among("closed", "withdrawn", "rejected", "merged")
FORGET = Move(
    "forget_documents",
    OVER,
    None,
    among(SYSTEM),
    "documents_removed",
    "It is over, and so is the time for which the papers are kept that were shown for it: they are gone.",
    shown_to="author",
    through="retention",
)
LIVES = (*PROPOSING, *SUGGESTING, *CARRYING, FORGET)
