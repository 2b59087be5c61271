"""What counts as a final reply: it says something about the matter, and not that the matter was received."""

import re
from datetime import UTC
from functools import cache
from typing import Any

from participate.kernel.errors import Fault, Invalid

DONE, PLANNED = "A", "B"
CLASSES = (DONE, PLANNED, "C", "D")
SHORTEST = 30  # characters
# What fills replies without saying anything of the matter; what is left without it counts.
_STOCK = (
    "(您|你)?(反映|提出|咨询)的?(问题|事项|诉求|建议|情况)?",
    "(来信|留言|诉求|情况|问题|意见|建议)?(已经?|均已)(收悉|收到|知悉|阅悉)",
    "已(转交|转办|转送|移交|交办|分派)(给|至|到)?(相关|有关|属地|责任)?(部门|单位|科室|街道)?(处理|办理|研究)?",
    "(我们|我单位|我局|我街道)?(将|会)?(尽快|及时|认真|进一步)(处理|办理|核实|研究|回复|落实|跟进|解决)",
    "(感谢|谢谢)(您|你)?(的|对)?(我们|我局)?(工作)?的?(来信|反映|关注|关心|理解|支持|监督)(与|和|、)?(支持|理解|监督)?",
    "(请|敬请)(您|你)?(耐心等待|谅解|理解|知悉)",
    "(相关|有关)(部门|单位|规定|政策)",
    "(正在|予以)(处理|办理|研究|核实|落实)(中)?",
    "尊敬的(市民|网友|居民)(朋友)?|您好|你好|特此(回复|函复|答复)|此复|已办结|已处理|已解决",
    "(your )?(report|message|request|matter|letter) (has been|was) (received|noted|forwarded|passed on)",
    "(we )?(have )?(received|forwarded|noted|passed on)( it| this| your [a-z]+)?( to the [a-z]+ [a-z]+)?",
    "thank you( for (your|the|this) [a-z]+)?|please (be patient|wait)|will be (dealt with|handled|processed)( soon)?",
)
_BETWEEN = re.compile(r"[\W_]+")


@cache
def _stock() -> re.Pattern[str]:
    """Put together with the first reply: few processes ever read one."""
    return re.compile("|".join(_STOCK), re.IGNORECASE)


def draft(fields: dict[str, Any]) -> dict[str, Any]:
    """What of a move's fields is the final reply: its text, its class and, for what is planned, its day."""
    said = fields.get("answer_class") or DONE
    day = fields["due_at"].astimezone(UTC).isoformat() if said == PLANNED and fields.get("due_at") else None
    return {"note": fields["note"], "answer_class": said, "due_at": day}


def check(text: str, is_shown: bool) -> None:
    """Raises Invalid for a final reply that says too little; what an after-photo shows (`is_shown`) needs few words.

    Too little is under SHORTEST characters, or less than half of that besides stock phrases; and stock phrases alone
    also beside a photo.
    """
    said = len(_BETWEEN.sub("", _stock().sub("", text)))
    if said == 0:
        raise Invalid(Fault("note", "stock_phrase"))
    if is_shown:
        return
    if len(text.strip()) < SHORTEST:
        raise Invalid(Fault("note", "reply_too_short", (("min", SHORTEST),)))
    if said < SHORTEST / 2:
        raise Invalid(Fault("note", "stock_phrase"))
