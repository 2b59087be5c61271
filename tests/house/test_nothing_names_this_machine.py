"""What is committed names no folder of somebody's machine and no package registry: it builds wherever it is taken."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.house.source import ROOT

# Spelt apart, so that this file is not its own first find.
REGISTRIES = [".".join(name) for name in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))]
FOLDERS = ["work", "home", "root", "Users", "mnt"]
FORBIDDEN = re.compile("|".join([*map(re.escape, REGISTRIES), rf"(?<![\w.~}})>*/-])/(?:{'|'.join(FOLDERS)})/"]))


def _committed() -> list[Path]:
    """The files that git keeps, or would: what it is told to ignore is not ours to judge."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return [ROOT / name for name in found if name and (ROOT / name).is_file()]


def test_no_file_names_a_registry_or_a_folder_outside() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout: what was committed cannot be told")
    files = _committed()
    assert ROOT / "pyproject.toml" in files
    named = {path: FORBIDDEN.findall(path.read_bytes().decode(errors="replace")) for path in files}
    assert not {str(path): found for path, found in named.items() if found}
