"""What others have given us as an address leads to the public net alone, whatever it is written as or resolves to."""

import ipaddress
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from participate.kernel.outside import Answer, NotReached, Outside, fault, is_public
from tests.sinks import HOST, Sink, certificate, http_sink

INSIDE = (
    *("127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.7", "224.0.0.1"),
    *("255.255.255.255", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1"),
    *("2002:7f00:1::", "2002:a00:1::1", "2001:db8::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "::127.0.0.1"),
)
OUTSIDE = ("8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1")
# Ways to write 127.0.0.1 and 169.254.169.254 that a resolver understands.
ODD = ("2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.1", "0x7f.1", "0", "2852039166", "0xa9fea9fe")


def test_what_is_inside_is_not_public_and_what_is_outside_is() -> None:
    assert [each for each in INSIDE if is_public(ipaddress.ip_address(each))] == []
    assert [each for each in OUTSIDE if not is_public(ipaddress.ip_address(each))] == []


def test_an_address_inside_is_refused_before_anybody_asks_it() -> None:
    outside = Outside((), 1.0)
    for host in (*ODD, *(f"[{each}]" if ":" in each else each for each in INSIDE)):
        assert fault(f"https://{host}/hook", ()) == "address_not_public", host
        with pytest.raises(NotReached) as refused:
            outside.post(f"https://{host}/hook", b"", {})
        assert (refused.value.code, refused.value.passing) == ("address_not_public", False)


NO_ADDRESS = (
    "ftp://example.org/",
    "file:///etc/passwd",
    "https://",
    "https:///x",
    "https://user:secret@example.org/",
    "https://example.org@127.0.0.1/",
    "https://example.org/#part",
    "https://exa mple.org/",
    "https://example.org/\r\nX-Header: 1",
    "https://exämple.org/",
    "https://example.org:99999/",
    "https://[::1/",
    "https://127.0.0.1\0/",
    "https://\ud800/",
    "https://\u2100.example/",
    "https://-a.example/",
    "https://example.org/" + "a" * 500,
    "",
)


def test_what_is_no_address_at_all_is_refused() -> None:
    assert [url for url in NO_ADDRESS if fault(url, ()) != "url"] == []


def test_without_tls_only_what_is_allowed_is_reached() -> None:
    assert fault("http://example.org/", ()) == "https_only"
    assert fault("http://Hooks.Inside.example/", ("hooks.inside.example",)) is None
    assert fault("http://10.1.2.3/", ("10.0.0.0/8",)) is None
    assert fault("http://11.1.2.3/", ("10.0.0.0/8",)) == "https_only"
    assert fault("https://example.org:8443/a?b=c", ()) is None


def _resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let names lead to these, one answer after the other; which names were asked for."""
    asked, left = list[str](), list(answers)

    def found(host: str, port: int, **_options: Any) -> list[Any]:
        asked.append(host)
        addresses = left.pop(0) if len(left) > 1 else left[0]
        families = {each: socket.AF_INET6 if ":" in each else socket.AF_INET for each in addresses}
        return [(families[each], socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    return asked


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    sink = Sink()
    with http_sink(sink) as port:
        yield sink, port


@pytest.mark.parametrize("leads_to", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"]])
def test_where_a_name_leads_is_looked_at_as_it_is_connected_to(
    leads_to: list[str], sink: tuple[Sink, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    _resolving(monkeypatch, leads_to)
    with pytest.raises(NotReached) as refused:
        Outside((), 1.0).post(f"https://rebound.example:{sink[1]}/", b"", {})
    assert refused.value.code == "address_not_public"
    assert sink[0].asked == []


def test_a_name_is_asked_for_once_and_that_answer_is_used(
    sink: tuple[Sink, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever rebinds it between the look and the connection gains nothing: there is no second question."""
    names = _resolving(monkeypatch, [HOST], ["169.254.169.254"])
    answer = Outside(("127.0.0.0/8", "hook.example"), 2.0).post(
        f"http://hook.example:{sink[1]}/a?b=c", b"{}", {"X": "y"}
    )
    assert (answer, names) == (Answer(200, None), ["hook.example"])
    ((path, headers, body),) = sink[0].asked
    assert (path, body, headers["Host"], headers["X"]) == ("/a?b=c", b"{}", f"hook.example:{sink[1]}", "y")


def test_a_redirect_is_an_answer_and_nothing_to_follow(sink: tuple[Sink, int]) -> None:
    sink[0].answer(302, Location=f"http://{HOST}:{sink[1]}/inside")
    assert Outside((HOST,), 2.0).post(f"http://{HOST}:{sink[1]}/", b"", {}).status == 302
    assert len(sink[0].asked) == 1


def test_an_answer_that_drips_is_cut_off(sink: tuple[Sink, int]) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):
            for each in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 60:
                handler.wfile.write(bytes((each,)))
                time.sleep(0.1)

    sink[0].script.append(drip)
    began = time.monotonic()
    with pytest.raises(NotReached) as slow:
        Outside((HOST,), 0.5).post(f"http://{HOST}:{sink[1]}/", b"", {})
    assert (slow.value.code, slow.value.passing) == ("too_slow", True)
    assert time.monotonic() - began < 3


def test_an_answer_is_read_as_far_as_was_asked_for(sink: tuple[Sink, int]) -> None:
    sink[0].script += [(200, {"Retry-After": "99999"}, b"x" * 100_000)] * 2
    outside, url = Outside((HOST,), 2.0), f"http://{HOST}:{sink[1]}/"
    assert outside.post(url, b"", {}) == Answer(200, 3600.0)
    assert outside.post(url, b"", {}, most=10).body == b"x" * 10


def test_who_shows_no_certificate_of_that_name_is_told_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, context = certificate(tmp_path)
    sink = Sink()
    with http_sink(sink, context) as port:
        with pytest.raises(NotReached) as refused:
            Outside((HOST, "localhost"), 2.0).post(f"https://localhost:{port}/", b"secret", {})
        assert (refused.value.code, refused.value.passing, sink.asked) == ("certificate", True, [])
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        assert (
            Outside(("localhost", "127.0.0.0/8", "::1/128"), 2.0).post(f"https://localhost:{port}/", b"", {}).status
            == 200
        )
        with pytest.raises(NotReached) as other:
            Outside((HOST,), 2.0).post(f"https://{HOST}:{port}/", b"", {})
        assert other.value.code == "certificate"


def test_nobody_there_is_for_now() -> None:
    with socket.create_server((HOST, 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(NotReached) as absent:
        Outside((HOST,), 1.0).post(f"http://{HOST}:{port}/", b"", {})
    assert (absent.value.code, absent.value.passing) == ("not_reached", True)
