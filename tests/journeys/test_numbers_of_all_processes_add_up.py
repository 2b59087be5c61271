"""Whichever process of a running service is asked, its numbers are those of all of them."""

import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.journeys.callers import resident, sample_photo
from tests.live import Live, until

TOKEN = "a-scraper-s-own-token"
SETTINGS = {"PARTICIPATE_METRICS_TOKEN": TOKEN, "PARTICIPATE_WEB_PROCESSES": "2"}


def _numbers(service: Live) -> dict[str, float]:
    answer = requests.get(f"{service.base}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {" ".join((s.name, *s.labels.values())): s.value for family in families for s in family.samples}


def test_two_web_processes_and_a_forked_photo_job_are_counted(service: Live) -> None:
    author = resident(service)
    for _ in range(60):
        # A connection each, so that both processes get their share.
        assert requests.get(f"{service.base}/v1/categories", timeout=10).status_code == 200
    author.wait_for_state(author.hand_in(photos=(sample_photo(),))["id"], "in_moderation")
    for _ in range(10):
        found = _numbers(service)
        assert found["participate_request_seconds_count GET /v1/categories 2xx"] == 60
        assert found["participate_facts_total submission.received"] == 1
    assert len(list((service.data / "metrics").glob("histogram_*.db"))) >= 2
    developed = "participate_errands_total done photos.develop"
    until(lambda: _numbers(service)[developed] == 1, "the photo's errand to be counted")
    assert until(lambda: _numbers(service).get("participate_facts_total photo.ready"), "its fact") == 1
