"""What a member of the demo has done in office: a proposal under a number, a suggestion that a unit has answered."""

from participate.accounts.service import create_resident
from participate.cli.demo import PHONES
from participate.cli.demo_cases import accepted, account, walk, work
from participate.submissions.service import move

_PARTS = {"situation": "小区北门没有停车位。", "analysis": "电动车逐年增加。", "ask": "划出六十个车位。"}
_ANSWER = "站牌已于本周安装在小学门口东侧，候车处同时划出了黄线，公交公司下周起按新站停靠。"


def lay(around: tuple[float, float]) -> int:
    """Both, around this place; returns how many. The demo must be laid already."""
    place = {"lat": around[0], "lon": around[1], "crs": "wgs84", "accuracy_m": 10.0}
    member, moderator = account("member1"), account("moderator1")
    stands = {"title": "在北门划非机动车停车位", "body": "请在小区北门划非机动车停车位。", "details": _PARTS}
    proposal = accepted(str(member.account_id), "micro_proposal", stands | {"place": place})
    stop = {"title": "增设公交站牌", "body": "建议在小学门口增设一处公交站牌，方便接送孩子的家长。", "place": place}
    suggestion = accepted(create_resident(PHONES[1]), "micro_suggestion", stop)
    if proposal is None or suggestion is None:
        return 0
    move(moderator, proposal, "file", {})
    move(member, suggestion, "adopt", {})
    move(member, suggestion, "report_progress", {"note": "已到现场看过，与公交公司商定了位置。"})
    work()
    _answer(suggestion)
    return 2


def _answer(suggestion: str) -> None:
    """A unit answers it, and a supervisor verifies that: its ledger begins."""
    walk(suggestion, (("dispatcher1", "dispatch", {"to": {}}),))
    said = {"note": _ANSWER, "answer_class": "C"}
    walk(suggestion, (("handler1", "accept", {}), ("handler1", "start", {}), ("handler1", "resolve", said)))
    walk(suggestion, (("supervisor1", "verify", {}),))
