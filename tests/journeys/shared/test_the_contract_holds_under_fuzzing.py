"""Whatever is sent, the answers are those that the contract names, and no resident gets another's things."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.journeys.callers import Caller, resident, sample_photo, staff
from tests.live import PARTICIPATE, Live

SCHEMATHESIS = str(Path(PARTICIPATE).with_name("schemathesis"))
CONFIG = Path(__file__).with_name("schemathesis.toml").read_text()
# They end the session that all other requests are made in, so they get a run and a session of their own.
ENDING = ("sign_out", "end_session", "refresh")
# tus has its own answers (412 where a header is missing) and its own kind of body, which the fuzzer cannot make:
# tests/photos_http/test_an_upload_is_resumed_by_tus.py looks at them one by one.
RESUMABLE = ("create_upload", "show_upload", "continue_upload", "end_upload", "override_upload")
# A stream has no end for the fuzzer to wait for, nor is it JSON: see tests/updates/test_updates_come_as_they_happen.py.
STREAMS = ("stream_updates", "stream_queue", "stream_cases")
People = dict[str, Caller]
Ids = dict[str, list[str]]
STAFF = ("moderator", "grid_officer", "supervisor", "dispatcher", "auditor")


@pytest.fixture(scope="module")
def people(service: Live) -> People:
    """Two residents, who are not to see each other's things, and staff."""
    residents = {"A": resident(service), "B": resident(service, "+8613800000002")}
    return residents | {role: staff(service, role) for role in STAFF}


@pytest.fixture(scope="module")
def ids(people: People) -> Ids:
    """What there is to find: things of both residents, before and after acceptance."""
    made = [people[name].hand_in(photos=(sample_photo(),)) for name in "AABB"]
    tasks = [people["moderator"].wait_for_task(each["id"]) for each in made]
    for task in tasks[1:3]:
        people["moderator"].make(f"/v1/moderation/tasks/{task['id']}/decision", {"decision": "accept"})
    return {
        "submissions": [each["id"] for each in made],
        "photos": [photo["id"] for each in made for photo in each["photos"]],
        "tasks": [task["id"] for task in tasks],
        "cases": [people["grid_officer"].wait_for_case(each["id"])["id"] for each in made[1:3]],
        "receipts": [each["receipt"] for each in made],
    }


def _fuzz(folder: Path, service: Live, identities: dict[str, str], ids: Ids, *options: str) -> None:
    """Let schemathesis loose on the service, with `identities` (names and bearer tokens) tried in their order."""
    headers = {name: [{"name": "Authorization", "value": f"Bearer {token}"}] for name, token in identities.items()}
    known = [{"name": name, "fixedHeaders": header} for name, header in headers.items()]
    (folder / "identities.json").write_text(json.dumps({"auth": known}))
    peers = f"peers = {json.dumps(['A', 'B'])}" if "A" in identities else ""
    found = "".join(f"[dictionaries.{name}]\nvalues = {json.dumps(values)}\n" for name, values in ids.items())
    config = folder / "schemathesis.toml"
    config.write_text(f'{CONFIG}\n[auth.wfc]\npath = "identities.json"\n{peers}\n{found}')
    command = [
        SCHEMATHESIS,
        "--config-file",
        str(config),
        "run",
        f"{service.base}/openapi.json",
        "--no-color",
        *_without(RESUMABLE + STREAMS),
        *options,
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"level":"error"' not in service.said()


def _without(operations: tuple[str, ...]) -> list[str]:
    return [part for name in operations for part in ("--exclude-operation-id", name)]


def test_residents_find_no_hole(tmp_path: Path, service: Live, people: People, ids: Ids) -> None:
    tokens = {name: caller.token for name, caller in people.items()}
    _fuzz(tmp_path, service, tokens, ids, "--max-time", "10", *_without(ENDING))


def test_staff_find_no_hole(tmp_path: Path, service: Live, people: People, ids: Ids) -> None:
    tokens = {name: people[name].token for name in STAFF}
    _fuzz(tmp_path, service, tokens, ids, "--max-time", "10", *_without(ENDING))


@pytest.mark.parametrize("operation", ENDING)
def test_sessions_end_as_the_contract_says(tmp_path: Path, service: Live, ids: Ids, operation: str) -> None:
    passing = resident(service)
    token = passing.refresh_token if operation == "refresh" else passing.token
    only = ("--include-operation-id", operation, "--phases", "examples,coverage")
    _fuzz(tmp_path, service, {"passing": token}, ids, *only)
