"""Personal data in a text, masked wherever it is said: what would do somebody harm once everyone reads it."""

import re
from collections.abc import Iterator
from datetime import date

from stdnum import luhn

from participate.moderation.screening.folding import Folded
from participate.moderation.screening.found import Found

PERSONAL = "personal_data"
CODES = (PERSONAL,)
# By the kind that is told first.
_WHYS = {
    "id": "flag.personal_id",
    "phone": "flag.personal_phone",
    "card": "flag.personal_card",
    "plate": "flag.personal_plate",
    "mail": "flag.personal_mail",
    "name": "flag.personal_name",
    "chat": "flag.personal_chat",
}
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


def personal(text: Folded) -> Iterator[Found]:
    """One flag that names the kinds found and shows the first of each, masked."""
    shown = [(kind, mask(value)) for kind, value in _first_of_each(text)]
    if shown:
        yield Found(PERSONAL, _WHYS[shown[0][0]], {"shown": "、".join(value for _, value in shown)})


def _first_of_each(text: Folded) -> Iterator[tuple[str, str]]:
    """Kind and value; what was told for one thing is not told again for another."""
    taken, plain = "", text.text
    for kind, values in (("id", _ids(plain)), ("phone", _phones(text)), ("card", _cards(plain))):
        value = next((each for each in values if each not in taken), None)
        if value is not None:
            taken += f" {value}"
            yield kind, value
    for kind, pattern in (("plate", _PLATE), ("mail", _MAIL)):
        hit = pattern.search(plain)
        if hit:
            yield kind, hit[0]
    name = _NAME.search(plain) or _MYSELF.search(plain)
    if name:
        yield "name", name[1]
    chat = _CHAT.search(plain)
    if chat and chat[1] not in taken:
        yield "chat", chat[1]


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _phones(text: Folded) -> Iterator[str]:
    """In digits, also those that stand one by one, or in the characters for them."""
    for said in (text.text, text.joined.text):
        yield from (_digits(hit[1]) for hit in _PHONE.finditer(said))
        yield from (hit[0].translate(_SPOKEN_DIGITS) for hit in _SPOKEN.finditer(said))


def _ids(text: str) -> Iterator[str]:
    values = (re.sub(r"[^\dx]", "", hit[1]) for hit in _ID.finditer(text))
    return (value for value in values if is_identity_number(value))


def is_identity_number(value: str) -> bool:
    """Whether it is a resident's identity number by GB 11643-1999: a date that is one, and the check character."""
    try:
        date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, value, strict=False))
    return value[17] == _CHECKS[total % 11]


def _cards(text: str) -> Iterator[str]:
    """Numbers of 16 to 19 digits that begin as bank cards do (ISO/IEC 7812) and end with Luhn's check digit."""
    for hit in _CARD.finditer(text):
        digits = _digits(hit[1])
        if digits[0] in "3456" and luhn.is_valid(digits) and len(set(digits)) > 3:
            yield digits


def mask(value: str) -> str:
    """As little of it as a moderator needs to find it."""
    if len(value) <= 4:
        return value[0] + "*" * (len(value) - 1)
    kept, last = (3, 4) if len(value) >= 11 else (1, 1)
    return f"{value[:kept]}****{value[-last:]}"
