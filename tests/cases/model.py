"""What a case is, in the fewest words: who may do what to it, and what then becomes of it."""

from dataclasses import dataclass, field

OPEN = {"filed", "dispatched", "objected", "accepted", "in_progress", "paused", "rework", "resolved"}
STAFF = ("one", "other", "dispatcher", "supervisor")  # The first two are officers.
TOP = 4
_UNDONE = {"filed", "dispatched", "objected", "accepted", "in_progress", "paused", "rework"}
_TAKEN_ON = {"accepted", "in_progress", "rework"}
_HANDED = {"dispatched"} | _TAKEN_ON
_HOLDER, _DISPATCHER, _SUPERVISOR, _OFFICER, _SUPERIOR = "holder", "dispatcher", "supervisor", "officer", "superior"
# Each move: from where, to where (None for where it is), and who makes it.
_MOVES: dict[str, tuple[set[str], str | None, set[str]]] = {
    "dispatch": ({"filed", "objected"}, "dispatched", {_DISPATCHER}),
    "take": ({"filed"}, "accepted", {_OFFICER}),
    "reassign": (_HANDED, "dispatched", {_DISPATCHER}),
    "hand_over": (_HANDED, "dispatched", {_HOLDER}),
    "accept": ({"dispatched"}, "accepted", {_HOLDER}),
    "object": ({"dispatched"}, "objected", {_HOLDER}),
    "invite": (_HANDED | {"paused"}, None, {_DISPATCHER, _SUPERVISOR}),
    "assign_down": (_UNDONE - {"paused"}, "filed", {_DISPATCHER, _SUPERVISOR}),
    "take_back": (_UNDONE - {"paused"}, "filed", {_SUPERIOR}),
    "propose": ({"in_progress"}, None, {_HOLDER}),
    "start": ({"accepted", "rework"}, "in_progress", {_HOLDER}),
    "make_safe": (_TAKEN_ON, None, {_HOLDER}),
    "interim_reply": (_TAKEN_ON | {"paused"}, None, {_HOLDER}),
    "pause": ({"in_progress"}, "paused", {_HOLDER}),
    "resume": ({"paused"}, "in_progress", {_HOLDER, _DISPATCHER, _SUPERVISOR}),
    "extend": (_TAKEN_ON, None, {_HOLDER}),
    "approve_extension": (_TAKEN_ON, None, {_DISPATCHER, _SUPERVISOR}),
    "refuse_extension": (_TAKEN_ON, None, {_DISPATCHER, _SUPERVISOR}),
    "urge": (_TAKEN_ON | {"paused"}, None, {_SUPERVISOR}),
    "resolve": ({"in_progress"}, "resolved", {_HOLDER}),
    "verify": ({"resolved"}, "verified", {_DISPATCHER, _SUPERVISOR}),
    "rework": ({"resolved"}, "rework", {_DISPATCHER, _SUPERVISOR}),
    "reclassify": ({"resolved"}, None, {_DISPATCHER, _SUPERVISOR}),
    "order_rework": ({"disputed"}, "rework", {_SUPERVISOR}),
    "uphold": ({"disputed"}, "closed", {_SUPERVISOR}),
    "exclude": ({"closed"}, None, {_SUPERVISOR}),
    "include": ({"closed"}, None, {_SUPERVISOR}),
    "feedback": (_UNDONE, None, {_HOLDER, _DISPATCHER, _SUPERVISOR}),
    "escalate": (_UNDONE, "filed", {_HOLDER, _DISPATCHER, _SUPERVISOR}),
}
_LEADING: tuple[set[str], None, set[str]] = (_UNDONE, None, {_HOLDER, _DISPATCHER, _SUPERVISOR})
_MOVES |= {"divide": _LEADING, "reopen_part": _LEADING, "drop_part": _LEADING}
MOVES = tuple(_MOVES)
_OF_THE_LEAD = {"divide", "reopen_part", "drop_part", "make_safe", "reclassify"}
_OF_THE_LEAD |= {"order_rework", "uphold", "exclude", "include"}


@dataclass(eq=False)
class Modelled:
    """A case, and of its submission whether work on it has begun and how often it was opened again."""

    state: str = "filed"
    level: int = 1
    holder: str | None = None
    version: int = 1
    objected: bool = False
    designated: bool = False
    judges: set[str] = field(default_factory=set)
    asked: bool = False
    extensions: int = 0
    late: bool = False
    urged: bool = False
    owes_feedback: bool = False
    begun: bool = False
    reopened: int = 0
    invited: set[str] = field(default_factory=set)
    signed: set[str] | None = None  # by whom the draft is countersigned; None where there is none
    excluded: bool = False
    found: bool = False
    sampled: bool | None = None  # of what its finder has mended: whether somebody else is to verify it
    is_part: bool = False
    parts: list["Modelled"] = field(default_factory=list)

    @classmethod
    def mended(cls, finder: str, sampled: bool) -> "Modelled":
        """What `finder` has found and mended on the spot."""
        return cls("resolved", holder=finder, version=2, begun=True, found=True, sampled=sampled)

    def refused(self, who: str, move: str, to: str) -> tuple[int, str] | None:
        """The status and the code of the answer to a move that `who` may not make now."""
        sources, _, roles = _MOVES[move]
        if self.is_part and move in _OF_THE_LEAD:
            return 422, "invalid"
        if not roles & self._roles(who):
            return 403, "move_not_yours"
        if self.state not in sources:
            return 409, "wrong_state"
        forbidden = self._forbidden(move)
        if forbidden:
            return 409, forbidden
        if move in {"order_rework", "uphold"} and who in self.judges:
            return 409, "judged_before"
        unfit = (move == "hand_over" and to == who) or (move == "invite" and to in {self.holder, *self.invited})
        unfit |= move == "divide" and to == self.holder
        return (422, "invalid") if unfit else None

    def offered(self, who: str) -> set[str]:
        """The moves that `who` is offered now."""
        elsewhere = next(each for each in STAFF if each not in {who, self.holder, *self.invited})
        found = {move: self.refused(who, move, elsewhere) for move in MOVES}
        return {move for move, refused in found.items() if refused is None}

    def _roles(self, who: str) -> set[str]:
        roles = {_OFFICER} if who in STAFF[:2] else {who}
        roles |= {_SUPERIOR} if who in STAFF[2:] and self.level < TOP else set()
        return roles | ({_HOLDER} if who == self.holder else set())

    def _forbidden(self, move: str) -> str | None:
        forbids: dict[str, str | bool] = {
            "object": self.designated and "designated",
            "assign_down": (self.level == 1 and "bottom_level") or (self.late and "overdue_already"),
            "take_back": self.late and "overdue_already",
            "pause": self.late and "overdue_already",
            "extend": (self.asked and "extension_asked")
            or (self.extensions == 2 and "extended_enough")
            or (self.late and "overdue_already"),
            "make_safe": "no_danger",
            "reclassify": "wrong_kind",
            "propose": not self.invited and "no_cohandlers",
            "resolve": bool(self.invited) and self.signed != self.invited and "not_countersigned",
            "approve_extension": not self.asked and "no_extension",
            "refuse_extension": not self.asked and "no_extension",
            "escalate": self.level == TOP and "top_level",
            "divide": len(self.parts) == 9 and "enough_parts",
            "reopen_part": self.first("closed") is None and "no_part_done",
            "drop_part": self.first(*OPEN) is None and "no_part_open",
            "feedback": not self.owes_feedback and "no_feedback_due",
            "exclude": (self.found and "filed_by_officer") or (self.excluded and "excluded_already"),
            "include": (self.found and "filed_by_officer") or (not self.excluded and "not_excluded"),
        }
        return forbids.get(move) or None

    def first(self, *states: str) -> "Modelled | None":
        """The first of its parts that is in one of the states."""
        return next((part for part in self.parts if part.state in states), None)

    def make(self, who: str, move: str, to: str) -> None:
        """What becomes of it by a move that is not refused, and of its parts."""
        self._make(who, move, to)
        if move == "divide":
            self.parts.append(Modelled("dispatched", holder=to, version=2, found=self.found, is_part=True))
        if move == "reopen_part" and (part := self.first("closed")):
            part._become("rework")
            part.late = False
        if move == "drop_part" and (part := self.first(*OPEN)):
            part._become("cancelled")
        self.end()

    def end(self) -> None:
        """Once it is over, so are its parts."""
        for part in self.parts:
            if self.state in {"closed", "cancelled"} and part.state in OPEN:
                part._become("cancelled")

    def _make(self, who: str, move: str, to: str) -> None:
        _, target, _ = _MOVES[move]
        target = "closed" if self.is_part and move == "verify" else target
        if move == "escalate":
            self._raise()
            return
        if move in {"assign_down", "take_back"}:
            self._change_level(move == "assign_down", to)
            return
        self._share(move, to)
        self.excluded = move == "exclude" or (self.excluded and move != "include")
        self.state, self.version = target or self.state, self.version + 1
        if move in {"dispatch", "reassign", "hand_over", "take"}:
            self._lead(who if move == "take" else to)
        again, self.objected = self.objected and move == "object", self.objected or move == "object"
        if move in {"dispatch", "reassign", "hand_over"}:
            self.designated = self.objected and move == "dispatch"
        self.judges |= {who} if move in {"verify", "rework", "order_rework"} else set()
        if again and self.level < TOP:
            self._raise()
        if move in {"verify", "rework"}:
            self.sampled = None
        if move == "verify" and self.found and not self.is_part:
            self._become("closed")
        self.extensions += move == "approve_extension"
        self.begun |= move == "start"
        if move in {"reassign", "hand_over", "dispatch", "pause", "resolve", "approve_extension", "refuse_extension"}:
            self.asked = False
        self.asked |= move == "extend"
        if move in {"interim_reply", "resolve"}:
            self.urged = False
        self.owes_feedback &= move not in {"interim_reply", "resolve", "feedback"}
        self.urged |= move == "urge"
        self.reopened += move == "order_rework"
        if move in {"resolve", "rework", "order_rework"}:
            self.late = False

    def _share(self, move: str, to: str) -> None:
        """What becomes of those who handle it too, and of the draft."""
        if move in {"dispatch", "reassign", "hand_over", "take", "rework", "order_rework"}:
            self.signed = None
        if move == "invite":
            self.invited.add(to)
        if move == "propose":
            self.signed = set()

    def _lead(self, holder: str) -> None:
        """Who leads it handles it besides nobody."""
        self.holder = holder
        self.invited.discard(holder)

    def countersign(self, who: str) -> bool:
        """A co-handler stands by the draft; whether they can."""
        possible = self.signed is not None and who in self.invited - self.signed and self.state in _UNDONE
        if self.signed is not None and possible:
            self.signed.add(who)
        return possible

    def _raise(self) -> None:
        """One level up, where it has no holder and a time of its own."""
        self.state, self.level, self.holder, self.version = "filed", self.level + 1, None, self.version + 1
        self.objected = self.designated = self.asked = self.late = self.urged = False
        self.signed = None
        self.extensions, self.owes_feedback = 0, True

    def _change_level(self, down: bool, to: str) -> None:
        """To the lowest level and somebody there, or back to the city; its time runs on."""
        self.state, self.level, self.version = "filed", 1 if down else TOP, self.version + 1
        self.holder = self.signed = None
        self.objected = self.designated = self.asked = self.urged = False
        if down:
            self._lead(to)
            self._become("dispatched")

    def wait(self) -> None:
        """Everybody lets every deadline pass."""
        below_the_top = self.level < TOP
        waits = self.state == "paused"
        if self.state == "verified" or (self.state == "resolved" and self.sampled is False):
            self._become("closed")
        elif self.state in {"resolved", "disputed"}:
            self.level, self.version = (
                self.level + below_the_top,
                self.version + (below_the_top or self.state == "disputed"),
            )
        elif waits and not (self.urged and below_the_top):
            self._become("in_progress")
        elif self.state in _UNDONE and below_the_top:
            # Where somebody is urged who waits for others, both clocks are over, and either may be told of first.
            self._raise()
        if not below_the_top and self.state in _UNDONE and not waits:
            self.late = True

    def _become(self, state: str) -> None:
        self.state, self.version = state, self.version + 1

    def withdraw(self) -> bool:
        """The author takes it back; whether they can."""
        possible = not self.begun and self.state in {"filed", "dispatched", "objected", "accepted"}
        if possible:
            self._become("cancelled")
        return possible

    def rate(self) -> bool:
        """The author is content; whether they are asked."""
        possible = self.state == "verified"
        if possible:
            self._become("closed")
        return possible

    def reopen(self) -> bool:
        """The author is not; whether they can still say so."""
        possible = self.state in {"verified", "closed"} and self.reopened < 2 and not self.found
        if possible:
            self._become("rework")
            self.late, self.reopened, self.signed = False, self.reopened + 1, None
        return possible

    def dispute(self) -> bool:
        """Nor is the author after two more tries; whether they can ask for a decision."""
        possible = self.state == "verified" and self.reopened == 2
        if possible:
            self._become("disputed")
        return possible
