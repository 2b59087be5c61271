"""The demo's proposals and suggestions: one filed and put to people, one shelved, one answered; two suggestions."""

from datetime import timedelta
from typing import Any

from participate.accounts.service import create_resident
from participate.cli.demo import PHONES
from participate.cli.demo_cases import accepted, account, walk, work
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import change, table, transaction
from participate.submissions import joining
from participate.submissions.models import Submission
from participate.submissions.service import move

_DAY = timedelta(days=1)
_STANDS = {
    "title": "菜市场门口划非机动车停车位",
    "body": "请在菜市场门口东侧划出非机动车停车位，让盲道空出来。",
    "details": {
        "situation": "门口没有停车位，车停在盲道上。",
        "analysis": "电动车逐年增加。",
        "ask": "划出六十个车位。",
    },
}
_CROSSING = {
    "title": "小学门口设校园护学岗",
    "body": "请在上下学时段于小学门口设护学岗。",
    "details": {"situation": "人车混行。", "analysis": "路口没有信号灯。", "ask": "上下学各一小时有人值守。"},
}
_SQUARE = {"title": "广场全天禁止停车", "body": "请全天禁止在广场周边停车。", "details": {"ask": "设立禁停标志。"}}
_CLUB = {"title": "老年活动室晚上也开放", "body": "建议社区的老年活动室晚上开放到八点，方便白天带孙辈的老人。"}
_LAMPS = {"title": "给步道装上路灯", "body": "河边步道晚上很暗，建议装上路灯。"}
_SAID = "自下周起，上下学时段由学校与社区各派一人值守，社区已排好本学期的班次，并公布在校门口。"
_REPLY: dict[str, Any] = {"note": _SAID, "answer_class": "A"}
_LATER = "值守下周才开始，应列为已列计划；到期请承办单位回报。"
_AUDITED: dict[str, Any] = {"answer_class": "B", "note": _LATER, "due_at": now}  # A month from then: see `walk`.


def lay(around: tuple[float, float]) -> int:
    """All of them, around this place; returns how many. The demo must be laid already."""
    place = {"place": {"lat": around[0], "lon": around[1], "crs": "wgs84", "accuracy_m": 10.0}}
    made = [_filed(place), _shelved(place), _answered(place), _adopted(place), _carried_on(place)]
    return sum(each is not None for each in made)


def _signed(author: str, signer: str, fields: dict[str, Any]) -> str | None:
    """A proposal that was accepted, and that two members have signed, until yesterday."""
    proposal = accepted(str(account(author).account_id), "micro_proposal", fields)
    if proposal is not None:
        move(account(author), proposal, "invite", {"members": [signer]})
        move(account(signer), proposal, "cosign", {})
        with transaction():
            change(table(Submission), "id", {"id": proposal, "cosign_until": now() - _DAY})
    return proposal


def _filed(place: dict[str, Any]) -> str | None:
    """One of the key ones; where the stands go the people concerned are asked as well, once a moderator has looked."""
    proposal = _signed("member1", "member2", _STANDS | place)
    if proposal is not None:
        move(account("moderator1"), proposal, "file", {"hard": True, "note": "涉及三个部门，须六个月。"})
        move(account("moderator1"), proposal, "mark", {"mark": "key"})
        topic = {
            "into": "micro_consultation",
            "title": "菜市场门口的停车位划在哪里",
            "text": "请大家说说车位划在哪里合适。",
        }
        move(account("moderator1"), proposal, "convert", topic)
        work()
    return proposal


def _shelved(place: dict[str, Any]) -> str | None:
    proposal = _signed("member2", "member1", _SQUARE | place)
    if proposal is not None:
        move(account("moderator1"), proposal, "shelve", {"note": "商户装卸无法绕行；作为社情民意留存。"})
        work()
    return proposal


def _answered(place: dict[str, Any]) -> str | None:
    """A unit has answered it; the audit puts it into another class, and those who signed it are asked to rate."""
    proposal = _signed("member2", "member1", _CROSSING | place)
    if proposal is not None:
        move(account("moderator1"), proposal, "file", {})
        work()
        walk(proposal, (("dispatcher1", "dispatch", {"to": {}}),))
        walk(proposal, (*((("handler1", name, {})) for name in ("accept", "start")), ("handler1", "resolve", _REPLY)))
        walk(proposal, (("supervisor1", "reclassify", _AUDITED), ("supervisor1", "verify", {})))
    return proposal


def _adopted(place: dict[str, Any]) -> str | None:
    suggestion = accepted(create_resident(PHONES[0]), "micro_suggestion", _CLUB | place)
    if suggestion is not None:
        move(account("member1"), suggestion, "adopt", {})
        move(account("member1"), suggestion, "report_progress", {"note": "已到活动室看过，正与居委会商量值班。"})
        work()
    return suggestion


def _carried_on(place: dict[str, Any]) -> str | None:
    """It goes on as a proposal, which waits to be moderated; who supports it will be asked anew there."""
    suggestion = accepted(create_resident(PHONES[0]), "micro_suggestion", _LAMPS | place)
    if suggestion is not None:
        joining.join(Caller(create_resident(PHONES[1])), suggestion)
        into = {"into": "micro_proposal", "title": "河边步道安装节能路灯", "text": "请在河边步道安装节能路灯。"}
        move(account("moderator1"), suggestion, "convert", into)
        work()
    return suggestion
