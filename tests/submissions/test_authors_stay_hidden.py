"""An author is a pseudonym, another one for each submission, and nobody at all where they want it so."""

from typing import Any

from tests.people import Person
from tests.steps import Way


def author(who: Person, submission: str) -> Any:
    return who.get(f"/v1/submissions/{submission}").get_json()["author"]


def test_a_pseudonym_is_the_same_to_all_and_at_all_times(way: Way) -> None:
    submission = way.accepted()
    names = {author(who, submission)["name"] for who in (way.author, way.moderator, way.people.nobody())}
    way.act(way.officer, submission, "accept")
    names.add(author(way.people.resident(), submission)["name"])
    assert len(names) == 1


def test_it_does_not_tell_which_submissions_are_one_person_s(way: Way) -> None:
    submissions = [way.accepted("micro_suggestion") for _ in range(4)]
    names = {author(way.people.nobody(), submission)["name"] for submission in submissions}
    assert len(names) == 4


def test_it_is_said_in_the_reader_s_language(way: Way) -> None:
    submission = way.accepted()
    answer = way.people.nobody().get(f"/v1/submissions/{submission}", headers={"Accept-Language": "zh-Hans"})
    name = answer.get_json()["author"]["name"]
    assert name.startswith("居民 ")
    assert author(way.people.nobody(), submission)["name"] == f"Resident {name.removeprefix('居民 ')}"


def test_who_wants_to_be_nobody_is_nobody(way: Way) -> None:
    submission = way.accepted(anonymous=True)
    for who in (way.people.nobody(), way.officer, way.dispatcher, way.moderator):
        seen = who.get(f"/v1/submissions/{submission}").get_json()
        assert (seen["author"], seen["anonymous"]) == (None, True)


def test_no_answer_names_the_author(way: Way) -> None:
    """Not to the public, not to those who handle it, and least of all where it is anonymous."""
    way.author.patch("/v1/me", {"display_name": "Li Canary"})
    phone = way.author.get("/v1/me").get_json()["phone"]
    submission = way.accepted(anonymous=True)
    way.act(way.officer, submission, "accept")
    case = way.case(submission)
    paths = [f"/v1/submissions/{submission}", f"/v1/submissions/{submission}/timeline", "/v1/submissions"]
    paths += [f"/v1/cases/{case}", f"/v1/cases/{case}/timeline", "/v1/cases?view=area", "/v1/moderation/queue"]
    for who in (way.people.nobody(), way.officer, way.dispatcher, way.moderator):
        for path in paths:
            said = who.get(path).get_data(as_text=True)
            assert not [secret for secret in ("Canary", phone, way.author.account_id) if secret in said], path
