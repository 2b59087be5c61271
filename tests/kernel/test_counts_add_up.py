"""What processes count adds up, whatever becomes of them, and counting never gets in the way."""

import multiprocessing
import os
from pathlib import Path

import pytest

from participate.kernel import slots, tally
from participate.kernel.tally import Tally

FRESH = multiprocessing.get_context("spawn")


def _counted(folder: Path, name: str = "things_total") -> float:
    return sum(s.value for metric in tally.added_up(folder) for s in metric.samples if s.name == name)


def _count(folder: Path, times: int, gate: "multiprocessing.synchronize.Barrier | None" = None) -> None:
    counts = Tally(folder)
    counts.begin()
    if gate:
        gate.wait(60)  # All are there at once, each with a slot of its own.
    for _ in range(times):
        counts.add("things", kind="a")
    if gate:
        gate.wait(60)
    os._exit(9)  # Nobody tidies up behind a process that is killed.


def _run(*processes: "multiprocessing.process.BaseProcess") -> None:
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 9


def test_what_killed_processes_have_counted_stays_and_they_leave_no_more_files_than_there_were_of_them(
    tmp_path: Path,
) -> None:
    for _ in range(3):
        gate = FRESH.Barrier(2)
        _run(*(FRESH.Process(target=_count, args=(tmp_path, times, gate)) for times in (100, 20)))
    assert _counted(tmp_path) == 3 * 120
    assert len(list(tmp_path.glob("counter_*.db"))) == 2


def test_a_forked_child_adds_to_what_its_parent_has_entered(tmp_path: Path) -> None:
    counts = Tally(tmp_path)
    counts.add("things", kind="a")
    for _ in range(2):
        child = os.fork()
        if child == 0:
            counts.add("things", kind="a")
            counts.add("things", kind="unheard of")
            os._exit(0)
        os.waitpid(child, 0)
    counts.add("things", kind="a")
    assert _counted(tmp_path) == 4


def test_times_fall_into_their_buckets(tmp_path: Path) -> None:
    counts = Tally(tmp_path)
    for seconds in (0.001, 0.005, 0.006, 100.0):
        counts.observe(counts.histogram("time_seconds", route="/here"), seconds)
    samples = {(s.name, s.labels.get("le")): s.value for metric in tally.added_up(tmp_path) for s in metric.samples}
    assert samples["time_seconds_bucket", "0.005"] == 2
    assert samples["time_seconds_bucket", "0.01"] == 3
    assert samples["time_seconds_bucket", "5.0"] == 3
    assert samples["time_seconds_bucket", "+Inf"] == samples["time_seconds_count", None] == 4
    assert samples["time_seconds_sum", None] == pytest.approx(100.012)


def test_where_nothing_can_be_written_nothing_is_counted_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "metrics").touch()
    counts = Tally(tmp_path / "metrics")
    counts.add("things", kind="a")
    counts.observe(counts.histogram("time_seconds"), 1.0)
    assert list(tally.added_up(tmp_path / "metrics")) == []


def test_labels_without_end_do_not_fill_the_disk(tmp_path: Path) -> None:
    counts = Tally(tmp_path)
    for number in range(20_000):
        counts.add("things", kind=f"kind number {number}")
    counts.add("things", kind="kind number 0")
    assert 1000 < _counted(tmp_path) < 20_000
    assert {path.stat().st_size for path in tmp_path.glob("*.db")} == {2**20}


def test_a_file_that_was_spoilt_begins_anew(tmp_path: Path) -> None:
    counts = Tally(tmp_path)
    counts.add("things", kind="a")
    (spoilt,) = tmp_path.glob("counter_*.db")
    spoilt.write_bytes(spoilt.read_bytes()[:8] + b"\xff" * 4096)
    assert _counted(tmp_path) == 0
    del counts
    again = Tally(tmp_path)
    again.add("things", kind="a")
    assert _counted(tmp_path) == 1


def test_a_fresh_start_forgets_and_a_second_one_beside_it_does_not(tmp_path: Path) -> None:
    counts = Tally(tmp_path)
    counts.add("things", kind="a")
    slots.clear(tmp_path)
    assert _counted(tmp_path) == 1, "somebody still counts"
    del counts
    slots.clear(tmp_path)
    assert _counted(tmp_path) == 0
