"""Listed words are found however they are spelt out, and not inside longer words that mean something else."""

from pathlib import Path

import pytest

from participate.moderation.screening.folding import fold, letters
from participate.moderation.screening.lexicon import BadList, lexicon, words


def found(text: str, folder: Path | None = None) -> list[str]:
    return [str(each.values["words"]) for each in words(fold(text), lexicon(folder))]


@pytest.mark.parametrize(
    "text",
    [
        "代开发票",
        "代*开*发*票",
        "代 开 发 票",
        "代开*发票",
        "代开 发票",
        "代\u200b开发\u200b票",
        "代開發票",
        "代.开.发.票",
        "ＦＵＣＫ you",
        "f u c k",
    ],
)
def test_a_word_is_found_however_it_is_written(text: str) -> None:
    assert len(found(f"你好，{text}。")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "路口交通信号灯坏了",
        "十字路口交警不在",
        "人口交界处没有路灯",
        "拆迁以后政府没有安置，我要维权。",
        "scunthorpe fuckland",
        "小区门口交通拥堵",
        "进口交易和窗口交费都要排队",
        "出口 交通不便",
        "请给代孕妇让座的志愿者发奖",
    ],
)
def test_inside_a_longer_word_it_is_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("word", ["维权", "拆迁", "政府", "信访", "上访", "腐败", "抗议", "投诉", "领导", "强拆"])
def test_words_of_complaint_are_in_no_list_of_ours(word: str) -> None:
    assert found(f"关于{word}的事：我要{word}，{word}！") == []


def test_the_words_are_quoted_as_they_were_written() -> None:
    assert found("请找我代*開*發*票，价格好说") == ["代*開*發*票"]


def test_a_city_adds_lists_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "ours.txt").write_text("# ours\n蓝月亮\tcode\n", encoding="utf-8")
    (tmp_path / "allowed.txt").write_text("蓝月亮洗衣液\n", encoding="utf-8")
    assert found("今晚蓝月亮见", tmp_path) == ["蓝月亮"]
    assert found("超市的蓝月亮洗衣液", tmp_path) == []


@pytest.mark.parametrize(("content", "line"), [(b"\xff\xfe", ""), ("好\n".encode(), ":1"), (b"ok\n" + b"x" * 50, ":2")])
def test_a_list_that_cannot_be_read_says_where(tmp_path: Path, content: bytes, line: str) -> None:
    (tmp_path / "bad.txt").write_bytes(content)
    with pytest.raises(BadList, match=f"bad.txt{line}"):
        lexicon(tmp_path)


def test_folding_keeps_places() -> None:
    folded = fold("Ａ*ｂ*C 路燈").joined
    assert folded.text.startswith("abc")
    assert folded.quote(0, 3) == "Ａ*ｂ*C"
    assert letters("路燈，壞 了！") == "路灯坏了"


def test_folding_makes_no_text_much_longer() -> None:
    assert len(fold("ﷺ" * 1000).text) <= 4000
    assert fold("㍿ﬃ①").text == "株式会社ffi1"
