"""What the law sends elsewhere: emergencies, petitions, state secrets; found narrowly rather than widely."""

import re
from collections.abc import Iterator

from participate.moderation.screening.folding import Folded
from participate.moderation.screening.found import Found

EMERGENCY, PETITION, SECRET = "emergency", "petition", "state_secret"
CODES = (EMERGENCY, PETITION, SECRET)
_GAS = "(?:煤气|燃气|天然气|液化气)"
_BURNS = "(?:房子|房间|居民楼|楼上|屋里|窗户|窗口|阳台|厨房|电动车|充电桩|配电箱|电箱|电表箱|变压器)"
_ONE = "(?:老人|孩子|小孩|行人|工人|有人)"
# By whom to call; each pattern says that it is happening.
_HAPPENING = {
    "flag.emergency_119": re.compile(
        rf"[着起失]火[了啦]|正在(?:着火|燃烧|起火)|火势(?:很大|凶猛|蔓延|越来越)|浓烟滚滚"
        rf"|{_BURNS}[^,]{{0,4}}冒(?:出|着|起)?(?:浓|黑|大|白)?烟"
        rf"|{_GAS}(?:管道|管)?(?:正在|在|发生)?(?:泄漏|泄露|漏气)(?!报警|检测|探测|演练|事故|应急|知识)"
        rf"|{_GAS}味道?(?:很|特别|非常|太|这么|好|越来越)?(?:大|浓|重|刺鼻)|闻到[^,]{{0,6}}{_GAS}"
        r"|困在电梯|被困(?:在)?(?:电梯|火|水)"
    ),
    "flag.emergency_120": re.compile(
        r"(?<!已)(?<!已经)有人(?:受伤|晕倒|昏倒|触电|溺水|落水|流血|昏迷|没有呼吸|中毒|坠楼|跳楼|要跳)"
        r"|大出血|心脏骤停|流血不止|血流不止|(?:老人|孩子|小孩|行人|工人)(?:被撞|晕倒|昏倒|触电|落水|溺水|昏迷)"
        rf"|{_ONE}[^,的]{{0,3}}(?:摔|跌|撞)[^,]{{0,4}}(?:流血|起不来|动不了|没有?反应)"
        rf"|{_ONE}[^,的]{{0,4}}(?:掉|跌|落|摔)(?:进|入|到|下)[^,]{{0,3}}(?:河|湖|江|池塘|水里|井)"
    ),
    "flag.emergency_110": re.compile(
        r"正在(?:打架|抢劫|打人|砍人|行凶|盗窃|持刀)|持刀(?:伤人|砍人|威胁)|有人(?:持刀|抢劫|绑架|行凶)"
        r"|有人正?在(?:打架|砍人|抢劫|行凶)|被绑架|[要想]自杀|(?:要|想|准备|有人)轻生"
    ),
}
# What might be, must not be, is drilled, or is wont to be is not happening.
_NOT_NOW = re.compile(
    r"万一|如果|一旦|容易|可能|担心|避免|防止|以免|演练|预防|假如|要是|隐患|怕|是否|会不会|建议|标语|标志"
    r"|每年|每次|每到|经常|常有|时有|总有|屡次|多次|天天|曾|导致|造成"
)
# What was is not either, unless it goes on.
_PAST = re.compile(
    r"上次|之前|以前|去年|上个?月|前年|昨[天晚日夜]|前[天晚日]|上周|上星期|当时|[一二三四五六七八九十几\d](?:天|周|个月|年)前"
)
_STILL = re.compile(r"还在|仍|一直|持续|至今|从昨|自昨")
_DENIED = re.compile(r"(?:没有?|未|无|不是|并非)(?:再|再次)?(?:发生|出现|发现|看到)?$")
_OVER = re.compile(r"(?:已经?|被|才|后来|及时)(?:被|全部)?(?:扑灭|灭|救出|救起|送医|送往|送到)|扑灭了")
_SENTENCE = re.compile(r"[^。;!?\n]+")
_PETITION = re.compile(
    r"(?:去|到|进|再次|多次|集体|越级)(?:信访局|北京)?(?:上访|信访)|信访(?:事项|答复意见|复查|复核)"
    r"|不服.{0,12}(?:判决|裁定|裁决|复议)|法院.{0,10}(?:枉法|错判|判决不公)|申请再审"
)
_SECRET = re.compile(
    r"(?:绝密|机密|秘密)(?:★|级(?:文件|材料)|文件|等级)|军事(?:基地|禁区|设施)(?:的)?(?:照片|图纸|坐标|位置|部署)"
    r"|部队番号|涉密(?:文件|资料|图纸)"
)


def channels(text: Folded) -> Iterator[Found]:
    """A flag for each channel that the text may belong to."""
    emergency = next((why for why, pattern in _HAPPENING.items() if _is_happening(text.text, pattern)), None)
    if emergency:
        yield Found(EMERGENCY, emergency)
    if _PETITION.search(text.text):
        yield Found(PETITION, "flag.petition")
    if _SECRET.search(text.text):
        yield Found(SECRET, "flag.state_secret")


def _is_happening(text: str, pattern: re.Pattern[str]) -> bool:
    """Whether some clause says so, of a sentence that does not say that it is over."""
    if not pattern.search(text):
        return False
    sentences = (each for each in _SENTENCE.findall(text) if not _OVER.search(each))
    return any(_says_so(clause, pattern) for sentence in sentences for clause in sentence.split(","))


def _says_so(clause: str, pattern: re.Pattern[str]) -> bool:
    """Whether it says that it is now: not that it was, might be or is not."""
    hit = pattern.search(clause)
    before = clause[: hit.start()] if hit else ""
    if hit is None or _NOT_NOW.search(clause) or _DENIED.search(before):
        return False
    return bool(_STILL.search(before)) or not (_PAST.search(clause) or clause.startswith("过", hit.end()))
