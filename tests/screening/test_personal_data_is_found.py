"""Phone and identity numbers, plates, cards, mails, names, chat accounts are found and masked; others are not."""

import pytest

from participate.kernel.personal import is_identity_number
from participate.moderation.screening.folding import fold
from participate.moderation.screening.personal import personal

# Made up by the rules: GB 11643's check character, Luhn's digit.
ID, CARD = "11010519491231002X", "6222021234567890128"


def why(text: str) -> list[str]:
    return [found.why for found in personal(fold(text))]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我的电话是13800000001，请联系。", "phone"),
        ("电话138-0000-0001", "phone"),
        ("电话 +86 138 0000 0001", "phone"),
        ("电话１３８００００１２３４", "phone"),
        ("电话 1 3 8 0 0 0 0 0 0 0 1", "phone"),
        ("电话一三八零零零零零零零一", "phone"),
        (f"身份证{ID}", "id"),
        (f"身份证{ID.lower()}号", "id"),
        (f"身份证 {ID[:6]} {ID[6:14]} {ID[14:]}", "id"),
        (f"卡号{CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:16]} {CARD[16:]}", "card"),
        ("车牌湘A12345乱停", "plate"),
        ("湘AD12345占了充电位", "plate"),
        ("邮箱 zhang.san@example.com", "mail"),
        ("我叫张三，住在三楼", "name"),
        ("本人李强反映楼道没有灯", "name"),
        ("本人欧阳小明，住在三楼", "name"),
        ("wx：zhangsan_1980", "chat"),
        ("微信号：zhangsan_1980", "chat"),
        ("加QQ 123456789", "chat"),
    ],
)
def test_it_is_found(text: str, kind: str) -> None:
    assert why(text) == [f"flag.personal_{kind}"]


@pytest.mark.parametrize(
    "text",
    [
        "编号SC5-7P5-9BW的事还没有办。",
        "2026年11月25日早上8点，105国道K138+500处有坑。",
        "路灯杆号 20230145678 不亮",
        "已经拨打12345热线两次，花了1380元。",
        "1998-05-06 105国道",
        "这项工程花了18000000000元",
        "本人于昨日到过现场",
        "本人武汉人，在此租房",
        "本人高度近视，看不清路牌",
        "我叫王家村的人来看过",
        "京A座12345室",
        "我叫不到车，附近没有站台。",
        "身份证110105194912310021不对",
        f"{CARD[:-1]}{(int(CARD[-1]) + 1) % 10}",
        "京东小哥把车停在湘江路",
        "从2024-01-01到2024-12-31",
        "面积 12345.678 平方米，人口 1234567 人",
    ],
)
def test_what_looks_alike_is_not(text: str) -> None:
    assert why(text) == []


def test_a_flag_tells_no_more_than_it_must() -> None:
    (found,) = personal(fold(f"我叫欧阳小明，电话13800000001，身份证{ID}。"))
    assert found.why == "flag.personal_id"
    assert "13800000001" not in found.values["shown"]
    assert ID not in found.values["shown"]
    assert "138****0001" in found.values["shown"]


@pytest.mark.parametrize(
    ("number", "is_one"), [(ID.lower(), True), ("110105194912310021", False), ("110105194913310022", False)]
)
def test_an_identity_number_has_a_date_and_a_check(number: str, is_one: bool) -> None:
    assert is_identity_number(number) is is_one
