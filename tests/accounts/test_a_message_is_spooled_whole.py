"""A message that there is no room for is not in the spool, not even a part of it, and its sender hears so."""

import subprocess
import sys
from pathlib import Path

import orjson

_ROOM = 100  # bytes in a file; the next ones find no room, as on a full disk
_SPOOL = f"""
import resource, sys
from pathlib import Path
from participate.accounts.sms import spool
resource.setrlimit(resource.RLIMIT_FSIZE, ({_ROOM}, {_ROOM}))
spool(Path(sys.argv[1]), text="short")
try:
    spool(Path(sys.argv[1]), text="long " * {_ROOM})
except OSError:
    print("refused")
"""


def test_a_part_of_a_message_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "sms.jsonl"
    said = subprocess.run([sys.executable, "-c", _SPOOL, str(path)], capture_output=True, text=True, check=True)
    assert said.stdout == "refused\n"
    assert [orjson.loads(line)["text"] for line in path.read_bytes().splitlines()] == ["short"]
