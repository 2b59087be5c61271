"""`participate up` stays there whatever of it dies, and leaves nothing behind when it ends."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from participate.config import Settings
from tests.journeys.callers import Caller, resident, sample_photo
from tests.live import PARTICIPATE, WORKERS, Live, clean_environment, until

SETTINGS: dict[str, str] = {}  # As the README has it.
ENDINGS = {
    "Ctrl-C in a terminal, which all of the foreground gets": (signal.SIGINT, True),
    "SIGTERM, as from a service manager": (signal.SIGTERM, False),
}


def _all_gone(service: Live) -> bool:
    return until(lambda: not service.processes(), "every process to end", 20)


def test_each_ending_is_clean_and_the_next_start_keeps_the_data(unstarted: Live) -> None:
    service, accounts = unstarted, unstarted.data / "demo-accounts.json"
    seeded, handed_in = b"", {"id": "", "receipt": ""}
    for ending, (number, whole_group) in ENDINGS.items():
        service.start()
        author = resident(service)
        if not seeded:
            seeded, handed_in = accounts.read_bytes(), author.hand_in()
        assert author.get(f"/v1/submissions/{handed_in['id']}")["receipt"] == handed_in["receipt"]
        assert accounts.read_bytes() == seeded
        assert service.stop(number, whole_group) == 0, f"{ending}: {service.said()}"
        assert service.processes() == [], ending
    assert "Traceback" not in service.said()


def test_a_part_that_is_killed_while_the_command_still_starts_is_started_again(unstarted: Live) -> None:
    leader = unstarted.launch()
    victims = {name: unstarted.kill(name).pid for name in ("web", "facts")}
    until(lambda: unstarted.ready() or leader.poll() is not None, "the service to be ready")
    assert leader.poll() is None, unstarted.said()
    for name, pid in victims.items():
        assert until(lambda name=name: unstarted.child(name), name).pid != pid


def test_a_killed_command_leaves_no_orphan(unstarted: Live) -> None:
    unstarted.start()
    assert unstarted.leader is not None
    unstarted.leader.kill()
    assert unstarted.leader.wait() == -signal.SIGKILL
    assert _all_gone(unstarted)


@pytest.fixture(scope="module")
def author(service: Live) -> Caller:
    """A resident of the shared service; a token of theirs outlives every process."""
    return resident(service)


@pytest.mark.parametrize("name", ["web", *WORKERS, "store"])
def test_a_killed_part_is_started_again_and_the_service_works_on(service: Live, author: Caller, name: str) -> None:
    if name == "store" and not service.embedded:
        pytest.skip("the store is not ours to kill")
    victim = service.kill(name)
    until(lambda: (found := service.child(name)) and found.pid != victim.pid, f"{name} to be started again")
    until(service.ready, "the service to be ready")
    author.wait_for_state(author.hand_in(photos=(sample_photo(),))["id"], "in_moderation")
    until(lambda: len(service.processes()) == _size(service), "as many processes as before")


def _size(service: Live) -> int:
    """The command, its web server with processes of its own, the workers, and the store where it is embedded."""
    return 1 + 1 + Settings.web_processes + len(WORKERS) + service.embedded


def _refused(service: Live) -> str:
    """What a start says that is refused."""
    assert service.launch().wait(60) == 1, service.said()
    assert _all_gone(service)
    assert "Traceback" not in service.said()
    return service.said()


@pytest.fixture
def twin(service: Live) -> Iterator[Live]:
    """A second command on the same stores and data."""
    second = Live(service.folder, {})
    second.environment = service.environment | {"PORT": str(second.port)}
    second.log = service.folder / "second.log"
    yield second
    if second.leader is not None and second.leader.poll() is None:
        second.leader.kill()


def test_a_second_command_on_the_same_data_is_refused(service: Live, twin: Live) -> None:
    assert twin.launch().wait(60) == 1
    assert f"another `participate up` already runs on {service.data}" in twin.said()
    assert "Traceback" not in twin.said()
    assert service.ready()


def test_a_port_that_another_service_has_is_named_and_not_shared(service: Live, unstarted: Live) -> None:
    unstarted.environment["PORT"] = str(service.port)
    assert f"port {service.port}: Address already in use" in _refused(unstarted)


def test_a_port_that_a_stranger_has_is_named(unstarted: Live) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        unstarted.environment["PORT"] = str(port := stranger.getsockname()[1])
        assert f"port {port}: Address already in use" in _refused(unstarted)


def test_settings_that_cannot_work_are_all_named(tmp_path: Path) -> None:
    wrong = {
        "DATABASE_URL": "mysql://db",
        "REDIS_URL": "http://redis",
        "MEDIA_URL": "ftp://media",
        "SECRET_KEY": "short",
        "PORT": "99999",
        "PARTICIPATE_TIMEZONE": "Mars/Base",
        "PARTICIPATE_RATE_LIMITS": "perhaps",
        "PARTICIPATE_WEB_THREADS": "0",
    }
    asked = subprocess.run(
        [PARTICIPATE, "up"],
        env=clean_environment(PARTICIPATE_DATA_DIR=str(tmp_path / "var"), **wrong),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 1
    assert [name for name in wrong if name not in asked.stderr] == []
    assert "Traceback" not in asked.stderr
    assert list(tmp_path.iterdir()) == []
