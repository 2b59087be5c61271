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
# A road is named in a fifth of the clauses; each of the 900 in about one text of 250.
_FIRST = "望麓湘浏韶岳潇澧沅云金银芙蓉桃枫松柏兰桂梅竹书香文德仁礼智"
_SECOND = "岭城江山泉湖塘冲坡桥溪洲园台门井亭街口湾村坪港滩屋林家庄寨关"
ROADS = tuple(f"{first}{second}路" for first in _FIRST for second in _SECOND)


def title(chance: Random) -> str:
    """20 ± 5 characters."""
    return _text(chance, chance.gauss(20, 5))


def body(chance: Random) -> str:
    """204 characters in the middle, 7,000 at most."""
    return _text(chance, min(_MEDIAN * chance.lognormvariate(0, _SPREAD), LONGEST))


def _text(chance: Random, length: float) -> str:
    text = ""
    while len(text) < length:
        road = f"{chance.choice(ROADS)}上" if chance.random() < 0.2 else ""
        text += road + chance.choice(_CLAUSES) + chance.choice("，，。")
    return text[: max(2, int(length))]
