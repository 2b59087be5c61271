"""What all may see near a submission, and is alike in more than its place, is shown beside it; nothing else is."""

from tests.pictures import copied, scene
from tests.steps import ELSEWHERE, HERE, Way

NEXT_DOOR = HERE | {"lat": HERE["lat"] + 0.0005}


def _related(way: Way, submission: str) -> list[str]:
    answer = way.people.nobody().get(f"/v1/submissions/{submission}/related")
    assert answer.status_code == 200, answer.get_json()
    return [item["id"] for item in answer.get_json()["items"]]


def test_what_is_alike_and_near_is_related_the_most_alike_first(way: Way) -> None:
    this = way.accepted("micro_suggestion", title="北门增设非机动车停车位", category="E0101")
    by_text = way.accepted("micro_suggestion", title="建议北门增设停车位", place=NEXT_DOOR)
    by_both = way.accepted("micro_proposal", title="北门非机动车停车位", category="E0101", place=NEXT_DOOR)
    way.accepted("micro_suggestion", title="公园灯光太暗", body="晚上看不清路。", place=NEXT_DOOR)
    way.hand_in("micro_suggestion", title="北门增设非机动车停车位")
    way.accepted("micro_service", title="北门增设非机动车停车位")
    assert _related(way, this) == [by_both, by_text]


def test_a_photo_alike_relates_two(way: Way) -> None:
    other = way.accepted("micro_suggestion", photo_ids=[way.photo(way.author, scene(1))])
    photo = [way.photo(way.author, copied(scene(1)))]
    this = way.accepted("micro_suggestion", title="甲乙丙丁", body="戊己庚辛。", photo_ids=photo)
    (item,) = way.people.nobody().get(f"/v1/submissions/{this}/related").get_json()["items"]
    assert (item["id"], item["alike"]) == (other, ["place", "photo"])
    assert _related(way, other) == [this]


def test_who_may_not_see_it_learns_nothing_and_what_lies_nowhere_has_none(way: Way) -> None:
    waiting = way.hand_in("micro_suggestion")
    other = way.accepted("micro_suggestion")
    assert way.people.nobody().get(f"/v1/submissions/{waiting}/related").status_code == 404
    seen = way.author.get(f"/v1/submissions/{waiting}/related").get_json()["items"]
    assert [item["id"] for item in seen] == [other]
    nowhere = way.accepted("micro_suggestion", place=None)
    assert _related(way, nowhere) == []
    assert _related(way, way.accepted("micro_suggestion", place=ELSEWHERE)) == []
