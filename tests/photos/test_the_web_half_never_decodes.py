"""A process that serves loads no image decoder, nor does the worker: photos are decoded in the darkroom alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOADED = """
import json, os, sys
sys.path.insert(0, os.getcwd())
os.environ.update(PARTICIPATE_DEMO="on", PARTICIPATE_DATA_DIR=sys.argv[2], MEDIA_URL=sys.argv[2] + "/uploads")
__import__(sys.argv[1], fromlist=["x"])
print(json.dumps([name for name in sys.modules if name.partition(".")[0] in {"PIL", "pillow_heif", "_pillow_heif"}]))
"""


@pytest.mark.parametrize("module", ["wsgi", "participate.worker", "participate.photos.developing"])
def test_no_decoder_is_loaded(module: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", LOADED, module, str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(ended.stdout.splitlines()[-1]) == []


def test_the_darkroom_does() -> None:
    command = [sys.executable, "-c", LOADED, "participate.photos.darkroom", "/nowhere"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert "PIL.Image" in json.loads(ended.stdout.splitlines()[-1])
