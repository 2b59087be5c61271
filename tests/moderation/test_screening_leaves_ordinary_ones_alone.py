"""Of seven that are not in order each gets its flag; ten ordinary ones, handed in between them, get none."""

from tests.moderation.screening_steps import LONG, at, flags, report
from tests.steps import Way, snapshot

# As residents write them; some hold words that lists of bad words hold, or numbers that are nobody's.
ORDINARY = (
    "路口交通信号灯坏了，早高峰很堵，建议派人疏导。",
    "小区三号楼前的垃圾桶满了两天没有人清运，天热味道大。",
    "人民路 120 号门口人行道地砖松动，下雨天踩上去溅一身水。",
    "希望在实验小学门口加一条斑马线，放学时段人车混行不安全。",
    "拆迁后留下的空地堆满建筑垃圾，刮风时扬尘很大，影响周边居民。",
    "公园健身器材的螺丝松了，老人锻炼时容易受伤。",
    "12路公交车末班车太早，加班的人回不了家，能否延长到晚上十点半？",
    "政府广场的喷泉池护栏缺了一段，孩子跑来跑去容易掉下去。",
    "楼下烧烤店夜里十二点还在营业，油烟和噪声影响休息。",
    "河边步道的路灯有五盏不亮，晚上散步看不清台阶。",
)


def test_each_is_flagged_for_what_is_wrong_and_no_other(way: Way) -> None:
    far = [way.photo(way.author, snapshot(28.0, 112.0))]
    bad: dict[str, str] = {"repeated_text": report(way, LONG, seed=1, place=at(900))}
    ordinary = [report(way, body, seed=100 + n, place=at(150 * n - 700, 120)) for n, body in enumerate(ORDINARY)]
    bad |= {
        "repeated_text": report(way, LONG, seed=2, place=at(-900, 900)),
        "personal_data": report(way, "我叫王小明，电话 13812345678，楼道灯不亮。", seed=3, place=at(500, 900)),
        "emergency": report(way, "三楼着火了，有人被困在里面，快来救人！", seed=4, place=at(300, 900)),
        "place_far": way.hand_in(body="护城河边的栏杆断了一截，请尽快修好。", photo_ids=far, place=at(100, 900)),
        "no_photo": way.hand_in(body="垃圾站的门关不上，野狗进进出出。", place=at(-100, 900), by=way.people.resident()),
        "photo_alike": report(way, "绿化带里的水管爆了，水流了一地。", seed=101, place=at(-300, 900)),
        "too_short": report(way, "坏了", seed=6, place=at(-500, 900)),
    }
    assert {code for code, submission_id in bad.items() if code not in flags(way, submission_id)} == set()
    assert {body: found for body, each in zip(ORDINARY, ordinary, strict=True) if (found := flags(way, each))} == {}
