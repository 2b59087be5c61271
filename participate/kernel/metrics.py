"""What the service tells Prometheus about itself: nothing about persons, and no label without end."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, current_app
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from sqlalchemy import Connection

from participate.config import Settings
from participate.kernel import errands, gauges, logs, outbox, probes, tally
from participate.kernel.api import Room
from participate.kernel.auth import Door, caller
from participate.kernel.errors import Forbidden
from participate.kernel.overload import PROBE

metrics = Room("metrics", "", "Numbers for whoever runs the service")

HELP = {
    "participate_request_seconds": "Time to answer, by route, method and class of status.",
    "participate_refusals": "Requests that were turned away: by class, for want of a place; as too many; as too slow.",
    "participate_errands": "Errands that were tried, by subscriber and outcome.",
    "participate_deliveries": "Messages that were tried, by channel and outcome.",
    "participate_delivery_seconds": "Time from a fact to when its reader had it, by channel.",
    "participate_told": "Facts that people with a channel beside the feed were told: sent by one, or muted on all.",
    "participate_facts": "What has happened, by fact; a duty that was missed is a fact that ends with _due.",
    "participate_streams_opened": "Streams of events that were opened, by what they are of.",
    "participate_streams_ended": "Streams of events that have ended, by why: the client was gone, or we ended it.",
    "participate_log_lines_dropped": "Lines that could not be written to the log.",
}
_READERS = frozenset({"admin", "auditor"})
SCRAPER = Door("signed_in", _READERS, key="METRICS_TOKEN")
Gauge = Callable[[Connection], Mapping[str, float]]
_LOOK = "participate.gauges"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HOLDS_SECONDS, _PATIENCE_SECONDS = 5.0, 2.0


def init_metrics(app: Flask, settings: Settings, also: Mapping[tuple[str, str, str], Gauge]) -> None:
    """Count the requests of `app`, and show what `also` reads beside the kernel's own gauges.

    The keys of `also` are a gauge's name, its help and its label ("" for none); its values read `{label: value}`.
    """
    counts = tally.init_tally(app, settings.counts_dir)
    logs.on_drop(lambda: counts.add("participate_log_lines_dropped"))
    app.config["METRICS_TOKEN"] = settings.metrics_token
    all_gauges = app.extensions["participate.gauge_names"] = _KERNELS | dict(also)
    look = probes.Look(probes.inside(app, lambda: list(_read(all_gauges))), _HOLDS_SECONDS)
    app.extensions[_LOOK] = {"gauges": look}
    app.__dict__["wsgi_app"] = _timed(app.wsgi_app, counts)


def _timed(app: WSGIApplication, counts: tally.Tally) -> WSGIApplication:
    """`app`, whose answers are counted; here and not in Flask's hooks, which would cost twice as much."""
    histograms: dict[tuple[str, str, str], list[str]] = {}

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began, status, rule = time.perf_counter(), "5", "none"

        def start(line: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            nonlocal status, rule
            status, matched = line[0], environ["werkzeug.request"].url_rule  # Where Flask leaves its request.
            rule = matched.rule if matched else rule
            return start_response(line, headers, *error)

        try:
            return app(environ, start)
        finally:
            method = environ["REQUEST_METHOD"]
            known = (rule, method if method in _METHODS else "other", status)
            histogram = histograms.get(known)
            if histogram is None:
                histogram = histograms[known] = _histogram(counts, *known)
            counts.observe(histogram, time.perf_counter() - began)

    return call


def _histogram(counts: tally.Tally, rule: str, method: str, status: str) -> list[str]:
    return counts.histogram("participate_request_seconds", route=rule, method=method, status=f"{status}xx")


def begin() -> None:
    """Enter what forked children of this process will count: they can add to what is there, but enter nothing."""
    heard = outbox.subscriptions()
    for subscriber in heard.by_name:
        for outcome in errands.OUTCOMES:
            tally.count("participate_errands", 0.0, subscriber=subscriber, outcome=outcome)
    for fact in heard.by_fact:
        tally.count("participate_facts", 0.0, fact=fact)


@metrics.route("/metrics", door=SCRAPER, urgency=PROBE, pictures=("text/plain",))
def show_metrics() -> Response:
    """Counts of all processes that share the data folder, and the state of the rows, in Prometheus' text format.

    For the bearer token that PARTICIPATE_METRICS_TOKEN sets, and for administrators and auditors who are signed in and
    have no other office: the totals count what may be kept from whoever handles cases or belongs to a unit.
    The rows are read at most every 5 seconds. Should the database not answer within 2 seconds, only the counts
    are there.
    """
    if any(grant.unit is not None or grant.role not in {*_READERS, "resident"} for grant in caller().grants):
        raise Forbidden("totals_of_all")
    return Response(generate_latest(_Exposed()), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Exposed:
    """What prometheus-client takes for its registry."""

    def collect(self) -> Iterator[Metric]:
        """All metrics, at this moment."""
        for metric in tally.added_up(tally.of(current_app).folder):
            metric.documentation = HELP.get(metric.name, metric.name)
            yield metric
        seen = probes.seen(current_app.extensions[_LOOK], _PATIENCE_SECONDS)["gauges"]
        answered = seen.done() and seen.exception() is None
        yield GaugeMetricFamily("participate_rows_read", "Whether the gauges below could be read.", float(answered))
        yield from seen.result() if answered else ()


def _read(all_gauges: Mapping[tuple[str, str, str], Gauge]) -> Iterator[Metric]:
    with probes.engine().connect() as connection:
        for (name, text, label), read in all_gauges.items():
            found = GaugeMetricFamily(name, text, labels=[label] if label else [])
            for value, number in read(connection).items():
                found.add_metric([value] if label else [], number)
            yield found


def _alone(number: Callable[[Connection], float]) -> Gauge:
    return lambda connection: {"": number(connection)}


def _waits(connection: Connection) -> dict[str, float]:
    return {kind: waited.total_seconds() for kind, waited in gauges.waits(connection).items()}


def _open(connection: Connection) -> dict[str, int]:
    heard = outbox.subscriptions()
    return gauges.open_errands(connection, heard.kinds - heard.looks.keys())


_UP_TO = f"(counted up to {gauges.MOST})"
_KERNELS: dict[tuple[str, str, str], Gauge] = {
    ("participate_outbox_oldest_seconds", "How long the oldest errand has been due.", "kind"): _waits,
    ("participate_outbox_errands", f"Errands still to be done {_UP_TO}.", "kind"): _open,
    ("participate_outbox_dead", f"Errands that were given up {_UP_TO}.", ""): _alone(gauges.dead_errands),
    ("participate_deadlines_due", f"Deadlines that are over and not yet acted on {_UP_TO}.", ""): _alone(
        gauges.due_deadlines
    ),
}
