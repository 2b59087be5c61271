"""What the law sends elsewhere, what advertises and what says nothing is flagged; ordinary messages are not."""

from random import Random

import pytest

from bench import prose
from participate.moderation.screening.channels import channels
from participate.moderation.screening.folding import fold
from participate.moderation.screening.personal import personal
from participate.moderation.screening.spam import short, spam


def codes(text: str) -> list[str]:
    return [found.code for part in (channels, spam, short, personal) for found in part(fold(text))]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("三楼着火了，还有人没下来！", "flag.emergency_119"),
        ("上次反映路灯没修。现在楼下着火了", "flag.emergency_119"),
        ("从昨天开始煤气泄漏", "flag.emergency_119"),
        ("着火了没有人管", "flag.emergency_119"),
        ("有小孩掉进井里", "flag.emergency_120"),
        ("有个老人摔倒流血了", "flag.emergency_120"),
        ("楼下煤气泄漏，味道很大", "flag.emergency_119"),
        ("路边有人受伤流血，快来", "flag.emergency_120"),
        ("广场上有人持刀", "flag.emergency_110"),
        ("不服中院的判决，要去信访局上访", "flag.petition"),
        ("捡到一份绝密文件", "flag.state_secret"),
    ],
)
def test_special_channels(text: str, why: str) -> None:
    assert why in [found.why for found in channels(fold(text))]


@pytest.mark.parametrize(
    "text",
    [
        "消防通道被占用，万一着火了谁负责",
        "路灯电线裸露，担心有人触电",
        "上次着火了以后楼道一直没有修",
        "建议增加灭火器，防止失火。",
        "没有发生煤气泄漏",
        "并没有人受伤，只是路面湿滑",
        "昨天着火了，现在已经扑灭，楼道很脏",
        "着火了，已经灭了，请清理",
        "请安装燃气泄漏报警器",
        "每年都有人落水，请设护栏",
        "因为这个坑已经有人受伤了",
        "烟囱冒黑烟，气味难闻",
        "法院门口的停车位太少",
        "派出所门口的路灯不亮",
        "消防演练的时候浓烟很大，影响孩子",
    ],
)
def test_what_may_be_or_was_is_no_emergency(text: str) -> None:
    assert list(channels(fold(text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "详情请看 https://example.com/a",
        "请访问 w w w . e x a m p l e . c o m",
        "专业疏通下水道，二十四小时上门，电话13800000001",
        "啊啊啊啊啊啊啊啊啊啊啊啊",
        "请修路灯，谢谢。" * 5,
    ],
)
def test_spam(text: str) -> None:
    assert "spam" in codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "市政府网站 https://www.changsha.gov.cn/a 上说已经修好",
        "垃圾回收站旁边很脏，物业微信群里没人管",
        "老年卡的优惠政策没有落实，微信上问了也没有人答",
        "路灯坏了！！！！！！！！！！！！",
        "——————————————路灯",
    ],
)
def test_what_residents_quote_and_shout_is_no_spam(text: str) -> None:
    assert "spam" not in codes(text)


@pytest.mark.parametrize(
    "text", ["https://changsha.gov.cn:x@evil.com/", "www。evil。com 点击", "changsha.gov.cn.evil.com"]
)
def test_a_link_does_not_pass_for_the_governments(text: str) -> None:
    assert "spam" in codes(text)


def test_too_short_a_text() -> None:
    assert codes("好") == ["too_short"]
    assert codes("路灯不亮了请修一下") == []


def test_ordinary_messages_are_left_alone() -> None:
    chance = Random(5)
    flagged = [text for text in (prose.body(chance) for _ in range(1000)) if set(codes(text)) - {"too_short"}]
    assert len(flagged) <= 1
