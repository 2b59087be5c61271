"""Files of areas to import."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

# The trial over real areas runs where somebody has them.
collect_ignore = [] if os.environ.get("PARTICIPATE_AREA_DATA") else ["test_a_province_goes_in_within_a_minute.py"]


@pytest.fixture
def geojson(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of `(code, name, corners)` and gives its path."""

    def write(*features: tuple[Any, Any, Any], **members: Any) -> Path:
        path = tmp_path / "areas.geojson"
        collection = {"type": "FeatureCollection", "features": [_feature(*each) for each in features], **members}
        path.write_bytes(orjson.dumps(collection))
        return path

    return write


def _feature(code: Any, name: Any, corners: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"adcode": code, "name": name},
        "geometry": {"type": "Polygon", "coordinates": [[*corners, corners[0]]]},
    }


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Writes a CSV file and gives its path."""

    def write(content: str | bytes) -> Path:
        path = tmp_path / "areas.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
