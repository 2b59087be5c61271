"""What residents write, as long as they write it: measured over some thousand real messages to a city."""

from random import Random

LONGEST = 7000  # characters
_MEDIAN, _SPREAD = 204, 0.9  # characters of a body, and the sigma of its logarithm.
_CLAUSES = (
    "小区北门的路灯已经坏了三天",
    "晚上回家的老人看不清路",
    "人行道上有一个半米宽的坑",
    "下雨以后积水一直漫到台阶",
    "井盖松动，车子压过去响得厉害",
    "放学时段人车混行",
    "希望能在东侧划出非机动车停车位",
    "垃圾桶两天没有清运，气味很大",
    "施工围挡占了整条盲道",
    "已经向物业反映过两次",
    "请有关部门到现场看一看",
    "绿化带里的树枝挡住了信号灯",
    "楼道里堆放的杂物影响消防通道",
    "建议增加一处公交站牌",
    "夜间噪声影响附近居民休息",
    "附近有一所小学和一家社区医院",
)


def title(chance: Random) -> str:
    """20 ± 5 characters."""
    return _text(chance, chance.gauss(20, 5))


def body(chance: Random) -> str:
    """204 characters in the middle, 7,000 at most."""
    return _text(chance, min(_MEDIAN * chance.lognormvariate(0, _SPREAD), LONGEST))


def _text(chance: Random, length: float) -> str:
    text = ""
    while len(text) < length:
        text += chance.choice(_CLAUSES) + chance.choice("，，。")
    return text[: max(2, int(length))]
