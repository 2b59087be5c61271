"""What advertises, repeats itself or says next to nothing."""

import re
from collections import Counter
from collections.abc import Iterator

from participate.moderation.screening.folding import Folded
from participate.moderation.screening.found import Found

SPAM, SHORT = "spam", "too_short"
CODES = (SPAM, SHORT)
SHORTEST = 6  # letters
_DOT = re.compile(r"(?<=[a-z0-9])[。·点](?=[a-z0-9])")
_LINK = re.compile(
    r"https?://([a-z0-9.:@_%~-]{0,253})"
    r"|(?<![a-z0-9@.-])(www\.[a-z0-9][a-z0-9.-]{0,80}|(?:[a-z0-9-]{1,63}\.){1,10}"
    r"(?:com|cn|net|org|top|vip|xyz|cc|info|shop|site|club|io|me))(?![a-z0-9-])"
)
_PORT = re.compile(r":\d*$")
_SQUEEZED_LINK = re.compile(r"www[a-z0-9]{3,40}(?:com|cn|net|top|vip|xyz|cc)(?![a-z])")
# A way to reach somebody: 微信 alone is where neighbours talk.
_CONTACT = re.compile(
    r"(?<!\d)(?:1[3-9]\d{9}|400\d{7})(?!\d)|[加找]我?(?:微信|vx?|wx|qq|扣扣)"
    r"|(?<![a-z])(?:微信|vx|wx|qq|扣扣)[号群]?[:是为\s]{0,3}[a-z0-9][-_a-z0-9]{4}"
)
_SELLS = re.compile(
    r"优惠(?:价|多多|活动|酬宾)|特价|代办|招代理|专业(?:疏通|搬家|维修|开锁|办理)|招商|加盟|诚聘|日结|高薪|低价|包过|高价回收"
    r"|免费领|扫码领|点击领取|办证|(?:二十四|24)小时上门|承接"
)
_SAME = re.compile(r"([^\W_])\1{9,}")
_SENTENCE = re.compile(r"[^。!?\n]{4,}")
_REPEATS, _SHARE = 4, 3  # So often; and all of them make up one part in three of the text.


def spam(text: Folded) -> Iterator[Found]:
    """One flag with the first reason that there is."""
    plain = text.text
    digits = re.sub(r"(?<=\d)[\s-](?=\d)", "", plain)
    if _has_link(text):
        yield Found(SPAM, "flag.spam_link")
    elif _CONTACT.search(digits) and _SELLS.search(plain):
        yield Found(SPAM, "flag.spam_advertising")
    elif _SAME.search("".join(plain.split())):
        yield Found(SPAM, "flag.spam_characters")
    elif (n := _repeats(plain)) >= _REPEATS:
        yield Found(SPAM, "flag.spam_sentences", {"n": n})


def _has_link(text: Folded) -> bool:
    """Whether it leads anywhere but to the government's own pages, which residents quote."""
    hosts = (hit[1] or hit[2] or "" for hit in _LINK.finditer(_DOT.sub(".", text.text)))
    elsewhere = any(not f".{_PORT.sub('', host).rstrip('.')}".endswith(".gov.cn") for host in hosts)
    return elsewhere or bool(_SQUEEZED_LINK.search(text.joined.text))


def _repeats(text: str) -> int:
    """How often the sentence stands there that most of the text is made of."""
    often = Counter(each.strip() for each in _SENTENCE.findall(text))
    return max((n for each, n in often.items() if n * len(each) * _SHARE >= len(text)), default=0)


def short(text: Folded) -> Iterator[Found]:
    """Too few letters to tell what it is about."""
    n = sum(each.isalnum() for each in text.text)
    if n < SHORTEST:
        yield Found(SHORT, "flag.too_short", {"n": n})
