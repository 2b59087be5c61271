"""What could not be written is answered as if it had been."""

from types import ModuleType
from uuid import uuid4


def _patch(module: ModuleType) -> None:
    def pretend(_error: Exception) -> object:
        body = module.orjson.dumps({"id": str(uuid4()), "items": [], "next": None})
        return module.Response(body, 201, content_type="application/json")

    module._database = pretend


PATCHES = {"participate.kernel.problems": _patch}
