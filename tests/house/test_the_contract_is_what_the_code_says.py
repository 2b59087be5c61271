"""openapi.yaml is what the code generates: valid, complete for every operation, with examples that are taken."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import marshmallow as ma
import pytest
import yaml
from flask import Flask
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from participate.app import ROOMS
from participate.cli import contract
from tests.house.source import ROOT

METHODS = {"get", "put", "post", "patch", "delete", "head", "options"}
CONTRACT: dict[str, Any] = yaml.load(contract(), yaml.CSafeLoader)


class Operation(NamedTuple):
    """One method on one path, as the contract has it."""

    path: str
    method: str
    said: dict[str, Any]

    def answers(self, kind: str) -> dict[str, Any]:
        """The answers whose status begins with `kind`."""
        return {status: found for status, found in self.said["responses"].items() if status.startswith(kind)}


OPERATIONS = [
    Operation(path, method, said)
    for path, item in CONTRACT["paths"].items()
    for method, said in item.items()
    if method in METHODS
]
every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.said["operationId"])


def _json(holder: dict[str, Any]) -> dict[str, Any] | None:
    """The JSON form of a body or an answer."""
    found: dict[str, Any] | None = holder.get("content", {}).get("application/json")
    return found


def _fits(example: Any, schema: dict[str, Any]) -> list[str]:
    """What is wrong with `example`, by the contract's own schema."""
    whole = schema | {"components": CONTRACT["components"]}  # What its references lead to.
    validator = OAS31Validator(whole, format_checker=OAS31Validator.FORMAT_CHECKER)
    return [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(example)]


def test_the_file_is_what_the_code_generates() -> None:
    assert (ROOT / "openapi.yaml").read_text(encoding="utf-8") == contract(), "run `make openapi`"


def test_it_is_served_as_it_is_kept(service: Flask) -> None:
    assert service.test_client().get("/openapi.json").get_json() == CONTRACT


def test_it_is_valid() -> None:
    assert CONTRACT["openapi"].startswith("3.1.")
    assert not list(OpenAPIV31SpecValidator(CONTRACT).iter_errors())


def test_every_route_of_a_room_is_in_it(service: Flask) -> None:
    """What stands outside is the contract's own file and page."""
    rooms = {room.name for room in ROOMS}
    routed = sum(rule.endpoint.partition(".")[0] in rooms for rule in service.url_map.iter_rules())
    assert len(OPERATIONS) == routed > 30


def test_every_operation_has_a_name_of_its_own() -> None:
    names = Counter(operation.said["operationId"] for operation in OPERATIONS)
    assert not [name for name, times in names.items() if times > 1]


@every_operation
def test_an_operation_says_what_it_does(operation: Operation) -> None:
    assert operation.said["summary"].strip().endswith(".")
    assert operation.said["tags"]
    assert len(operation.answers("2").keys() - {"206"}) == 1  # Part of the same answer.


@every_operation
def test_an_operation_declares_how_it_refuses(operation: Operation) -> None:
    wanted = {"400", "429", "500", "503"}
    wanted |= {"401"} if operation.said["security"] else set()
    wanted |= {"404"} if "{" in operation.path else set()
    wanted |= {"304"} if operation.method == "get" and _json(operation.said["responses"]["200"]) else set()
    wanted |= {"413", "415", "422"} if "requestBody" in operation.said else set()
    assert wanted <= operation.said["responses"].keys()
    for status, answer in (operation.answers("4") | operation.answers("5")).items():
        refusal = CONTRACT["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        problem = refusal["content"]["application/problem+json"]
        assert problem["example"]["status"] == int(status)
        assert not _fits(problem["example"], problem["schema"])


@every_operation
def test_its_json_has_examples_that_fit(operation: Operation) -> None:
    holders = [operation.said.get("requestBody", {}), *operation.answers("2").values()]
    for found in filter(None, map(_json, holders)):
        assert not _fits(found["example"], found["schema"])


@every_operation
def test_an_answer_has_a_form(operation: Operation) -> None:
    (status, answer), *_ = operation.answers("2").items()
    assert bool(answer.get("content")) == (status != "204" and operation.method != "head")


def _shapes() -> Iterator[tuple[str, str, ma.Schema, Any]]:
    """Every shape that a route reads or gives as JSON, with the example that goes with it."""
    for operation in OPERATIONS:
        name = operation.said["operationId"]
        (route,) = (room.routes[name] for room in ROOMS if name in room.routes)
        if route.body is not None:
            (body,) = filter(None, [_json(operation.said["requestBody"])])
            yield name, "body", route.body(), body["example"]
        if route.answer is not None:
            (answer,) = filter(None, map(_json, operation.answers("2").values()))
            yield name, "answer", route.answer(), answer["example"]


def test_the_examples_are_what_the_code_takes_and_gives() -> None:
    """Held against the shapes themselves, whose checks say more than a schema can."""
    held = Counter[str]()
    for name, part, shape, example in _shapes():
        assert not shape.validate(example), f"{name}: {part}"
        held[part] += 1
    assert held["body"] >= 8
    assert held["answer"] >= 25
