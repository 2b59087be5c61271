"""Personal data in a text, told wherever it is said: what would do somebody harm once others read it."""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from stdnum import luhn

KINDS = ("id", "phone", "card", "plate", "mail", "name", "chat")
_GAP = r"[\s\-—.·]?"
# YD/T mobile numbers: eleven digits, the second from 3 to 9. A date with a number after it is none, nor is a sum.
_PHONE = re.compile(
    rf"(?<!\d)(?<!\d\.)(?:(?:\+|00)?86{_GAP})?(?!19\d\d[-.\s]\d{{1,2}}[-.\s])(1[3-9]\d(?:{_GAP}\d){{8}})(?!\d|\s?[元万亿])"
)
_SPOKEN = re.compile(r"[一幺][三四五六七八九][〇零一幺二三四五六七八九]{9}(?![〇零一幺二三四五六七八九十百千万])")
_SPOKEN_DIGITS = str.maketrans("〇零一幺二三四五六七八九", "001123456789")
_ID = re.compile(rf"(?<!\d)(\d{{6}}{_GAP}(?:19|20)\d{{6}}{_GAP}\d{{3}}[\dx])(?![\da-z])")
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(
    rf"[{_PROVINCES}][a-hj-np-z]{_GAP}(?:[a-hj-np-z0-9]{{4}}[a-hj-np-z0-9挂学警港澳]|[a-hj-np-z0-9]{{6}})(?![a-z0-9])"
)
_CARD = re.compile(r"(?<![\d.])(\d(?:[ \-]?\d){15,18})(?![\d.])")
_MAIL = re.compile(
    r"(?<![a-z0-9._%+-])[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.[a-z]{2,10}"
)
# A Chinese name begins with one of the surnames that nine in ten people bear; what else follows 我叫 is no name.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪"
    "廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文"
)
_COMPOUND = "欧阳|司马|诸葛|上官|夏侯|皇甫|尉迟|公孙|慕容|司徒|令狐|端木"
_ENDS = r"(?=$|[,.。;!?:\s()、]|今年|反映|家?住|家|系|是|电话|手机|身份证|男|女)"
_NAME = re.compile(
    rf"(?:我叫|我名叫|我的名字[是叫]|本人姓名|本人叫|姓名)[:是为\s]{{0,3}}"
    rf"((?:{_COMPOUND}|[{_SURNAMES}])[\u4e00-\u9fff]{{1,2}}?{_ENDS}|[a-z]{{1,30}} [a-z]{{1,30}})"
)
# After 本人 these begin a sentence sooner than a name: 本人于昨日, 本人常年, 本人武汉人.
_MYSELF = re.compile(
    rf"本人(?![于向曾常任方])((?:{_COMPOUND}|[{_SURNAMES}])[\u4e00-\u9fff]{{1,2}}?)(?<!人)(?=$|[,。;\s(]|反映|家?住|系|电话|手机|身份证)"
)
_CHAT = re.compile(
    r"(?<![a-z])(?:微信|vx|wx|weixin|wechat|加v|qq|扣扣)(?:号|群)?[:：是为\s]{0,3}([a-z][-_a-z0-9]{5,19}|[1-9]\d{4,10})(?![a-z0-9])"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10x98765432"


class Told(NamedTuple):
    """One thing that a text tells: of which of KINDS, what, and at which character of the text, from 0, it begins."""

    kind: str
    value: str
    at: int


def told(text: str, *otherwise: str) -> Iterator[Told]:
    """The first of each kind in a text that is folded: compatible forms alike, in small letters.

    What was told for one thing is not told again for another. `otherwise` are other readings of it in which a phone
    may stand; there `at` is a place in that reading.
    """
    taken = ""
    for kind, found in (("id", _ids(text)), ("phone", _phones(text, *otherwise)), ("card", _cards(text))):
        first = next((each for each in found if each[0] not in taken), None)
        if first is not None:
            taken += f" {first[0]}"
            yield Told(kind, *first)
    for kind, pattern in (("plate", _PLATE), ("mail", _MAIL)):
        hit = pattern.search(text)
        if hit:
            yield Told(kind, hit[0], hit.start())
    name = _NAME.search(text) or _MYSELF.search(text)
    if name:
        yield Told("name", name[1], name.start(1))
    chat = _CHAT.search(text)
    if chat and chat[1] not in taken:
        yield Told("chat", chat[1], chat.start(1))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _phones(*readings: str) -> Iterator[tuple[str, int]]:
    """In digits, also those that stand in the characters for them."""
    for said in readings:
        yield from ((_digits(hit[1]), hit.start(1)) for hit in _PHONE.finditer(said))
        yield from ((hit[0].translate(_SPOKEN_DIGITS), hit.start()) for hit in _SPOKEN.finditer(said))


def _ids(text: str) -> Iterator[tuple[str, int]]:
    found = ((re.sub(r"[^\dx]", "", hit[1]), hit.start(1)) for hit in _ID.finditer(text))
    return (each for each in found if is_identity_number(each[0]))


def is_identity_number(value: str) -> bool:
    """Whether it is a resident's identity number by GB 11643-1999: a date that is one, and the check character."""
    try:
        date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, value, strict=False))
    return value[17] == _CHECKS[total % 11]


def _cards(text: str) -> Iterator[tuple[str, int]]:
    """Numbers of 16 to 19 digits that begin as bank cards do (ISO/IEC 7812) and end with Luhn's check digit."""
    for hit in _CARD.finditer(text):
        digits = _digits(hit[1])
        if digits[0] in "3456" and luhn.is_valid(digits) and len(set(digits)) > 3:
            yield digits, hit.start(1)


def mask(value: str) -> str:
    """As little of it as one needs to find it in the text."""
    if len(value) <= 4:
        return value[0] + "*" * (len(value) - 1)
    kept, last = (3, 4) if len(value) >= 11 else (1, 1)
    return f"{value[:kept]}****{value[-last:]}"
