"""What it costs to have the service at all: to import it, and to start all of it."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import psutil

from bench.measure import Measured
from participate.config import Settings
from tests.live import laid

HERE = Path(__file__).parent.parent
_ROUNDS = 9
_ENVIRONMENT = os.environ | {"SECRET_KEY": "x" * 32, "REDIS_URL": "redis://localhost", "PYTHONPATH": str(HERE)}
# As it is served: compiled once, and not anew with every start.
_ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)
_TIMED = "import time; began = time.process_time(); {}; print((time.process_time() - began) * 1000)"
_OWN_FILES = "import sys, json, wsgi; print(json.dumps([m.__file__ for n, m in sys.modules.items() if {}]))".format(
    "n.startswith('participate.') and m.__file__"
)


def importing() -> Measured:
    """Processor time to import `wsgi:app`, beside that of the third-party imports that its own modules begin with."""
    ours, base = "import wsgi", "; ".join(third_party_imports())
    turns = [(_processor_ms(ours), _processor_ms(base)) for _ in range(_ROUNDS)]
    return Measured(
        ours=median(mine for mine, _ in turns),
        floor=median(bare for _, bare in turns),
        ratio=median(mine / bare for mine, bare in turns),
    )


def starting() -> Measured:
    """Processor time until `up --demo` is ready the second time, beside two web processes' and the workers' import."""
    with laid("embedded") as service:
        service.start()
        service.stop()
        service.start()
        spent = sum(map(_spent_ms, service.processes()))
        service.stop()
    imports = (1 + Settings.web_processes) * median(_processor_ms("import wsgi") for _ in range(_ROUNDS))
    return Measured(ours=spent, floor=imports, ratio=spent / imports)


def _spent_ms(process: psutil.Process) -> float:
    times = process.cpu_times()
    return 1000 * (times.user + times.system + times.children_user + times.children_system)


def third_party_imports() -> list[str]:
    """The import statements at the top of every module of ours that `wsgi` loads, those of other people's packages."""
    files = json.loads(_said(_OWN_FILES))
    found = {ast.unparse(node): None for file in files for node in ast.parse(Path(file).read_text()).body if _is(node)}
    return list(found)


def _is(node: ast.stmt) -> bool:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [node.module or ""]
    else:
        return False
    return not {name.partition(".")[0] for name in names} & {"participate", *sys.stdlib_module_names}


def _processor_ms(statement: str) -> float:
    return float(_said(_TIMED.format(statement)))


def _said(program: str) -> str:
    run = subprocess.run([sys.executable, "-c", program], env=_ENVIRONMENT, capture_output=True, text=True, check=True)
    return run.stdout.strip().splitlines()[-1]
