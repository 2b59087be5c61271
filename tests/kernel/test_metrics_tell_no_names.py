"""What Prometheus reads is right, for those alone whom it is for, and about nobody in particular."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import TestResponse

from participate.app import create_app
from participate.config import from_environment
from participate.kernel.auth import Grant
from participate.kernel.db import db
from participate.kernel.ids import new_id
from tests.people import People
from tests.stores import Stores

TOKEN = "a-scraper-s-own-token"
Numbers = dict[tuple[str, tuple[str, ...]], float]
# What may stand in a label: words of the code, and bounds. An id, a phone or a reference mixes letters and digits.
PLAIN = re.compile(r"(/v1)?[A-Za-z_<>:/.\-{}]*|[1-5]xx|[0-9.]+|\+Inf")


@pytest.fixture
def scraped(app: Flask, stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application that has counted nothing yet, and has a token for Prometheus."""
    folder = tmp_path_factory.mktemp("data")
    settings = stores.environment(PARTICIPATE_METRICS_TOKEN=TOKEN, PARTICIPATE_DATA_DIR=str(folder))
    made = create_app(from_environment(settings))
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


def _scrape(app: Flask, token: str = TOKEN) -> TestResponse:
    return app.test_client().get("/metrics", headers={"Authorization": f"Bearer {token}"})


def _numbers(answer: TestResponse) -> Numbers:
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    return {(s.name, tuple(s.labels.values())): s.value for family in families for s in family.samples}


def test_requests_are_counted_by_route_and_class_of_status(scraped: Flask) -> None:
    client = scraped.test_client()
    for _ in range(3):
        client.get("/v1/categories")
    client.get("/v1/receipts/unknown")
    client.get("/nowhere/019aafc3-7c00-7000-8000-000000000001")
    client.open("/nowhere", method="BREW")
    found = _numbers(_scrape(scraped))
    name = "participate_request_seconds_count"
    assert found[name, ("GET", "/v1/categories", "2xx")] == 3
    assert found[name, ("GET", "/v1/receipts/<receipt>", "4xx")] == 1
    assert found[name, ("GET", "none", "4xx")] == 1
    assert found[name, ("other", "none", "4xx")] == 1


def test_work_is_counted_where_it_is_done(scraped: Flask, people: People, work: Callable[[], int]) -> None:
    resident = People(scraped).resident()
    made = resident.post("/v1/submissions", {"kind": "micro_suggestion", "title": "座椅", "body": "公园里座椅太少。"})
    assert made.status_code == 201
    before = _numbers(_scrape(scraped))
    assert before["participate_facts_total", ("submission.received",)] == 1
    assert before["participate_outbox_errands", ("facts",)] >= 1
    assert before["participate_waiting", ("moderation",)] == 0
    done = work()
    scraped.extensions["participate.gauges"]["gauges"]._seen = None
    found = _numbers(_scrape(scraped))
    errands = {labels: n for (name, labels), n in found.items() if name == "participate_errands_total"}
    assert sum(errands.values()) == done
    assert errands["done", "submissions.admit"] == 1
    assert found["participate_outbox_errands", ("facts",)] == 0
    assert found["participate_outbox_oldest_seconds", ("facts",)] == 0
    assert found["participate_waiting", ("moderation",)] == 1
    assert found["participate_rows_read", ()] == 1


def test_no_label_names_a_person_or_a_thing(scraped: Flask, work: Callable[[], int]) -> None:
    resident = People(scraped).resident()
    made = resident.post("/v1/submissions", {"kind": "micro_suggestion", "title": "座椅", "body": "公园里座椅太少。"})
    work()
    resident.get(f"/v1/submissions/{made.get_json()['id']}")
    resident.get(f"/v1/receipts/{made.get_json()['receipt']}")
    labels = {label for _, values in _numbers(_scrape(scraped)) for label in values}
    assert not [label for label in labels if not PLAIN.fullmatch(label)]


def test_a_resident_and_a_stranger_read_nothing(scraped: Flask) -> None:
    assert People(scraped).resident().get("/metrics").status_code == 403
    assert scraped.test_client().get("/metrics").status_code == 401
    assert _scrape(scraped, TOKEN + "x").status_code == 401
    assert _scrape(scraped, "").status_code == 401


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_those_who_run_and_watch_the_service_read_it_signed_in(scraped: Flask, role: str) -> None:
    assert People(scraped).staff(role, area="").get("/metrics").status_code == 200


@pytest.mark.parametrize(
    "besides", [Grant("supervisor", "990101"), Grant("grid_officer", "990101"), Grant("admin", None, "unit")]
)
def test_who_could_tell_from_the_totals_what_is_kept_from_them_reads_none(scraped: Flask, besides: Grant) -> None:
    unit = new_id() if besides.unit else None
    who = People(scraped).staff_with(Grant("auditor", ""), replace(besides, unit=unit))
    answer = who.get("/metrics")
    assert (answer.status_code, answer.get_json()["type"].rpartition(":")[2]) == (403, "totals_of_all")


def test_where_no_token_is_set_none_opens_the_door(app: Flask) -> None:
    for token in ("", " ", "None"):
        assert _scrape(app, token).status_code == 401


def test_without_the_database_the_counts_are_still_there(
    stores: Stores, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("data")
    away = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "PARTICIPATE_METRICS_TOKEN": TOKEN}
    app = create_app(from_environment(stores.environment(PARTICIPATE_DATA_DIR=str(folder), **away)))
    app.test_client().get("/livez")
    found = _numbers(_scrape(app))
    assert found["participate_rows_read", ()] == 0
    assert found["participate_request_seconds_count", ("GET", "/livez", "2xx")] == 1
