"""JSON as it travels: what `json.loads` and `json.dumps` come to, made once.

Where nothing is in the processor's caches, as after a few idle milliseconds, the way there takes longer than they do
(33 us instead of 6, 24 instead of 6). And a person may have given `json.JSONEncoder` a `default` of their own, which is
not to run here. Refuses to know what is said.
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["read_json", "write_json"]

_encoder: Any = json.encoder
_decoder = json.JSONDecoder()


def _refuse(value: object) -> None:
    raise TypeError(type(value).__name__)


_make: Any = _encoder.c_make_encoder  # None in a Python that has it not in C
_write: Any = (
    _make(None, _refuse, _encoder.encode_basestring_ascii, None, ": ", ", ", False, False, True)
    if _make
    else json.JSONEncoder(default=_refuse).iterencode
)


def read_json(line: bytes) -> Any:
    """Return what a line says, which has no space before it.

    Raises:
        ValueError: it is no JSON.
    """
    return _decoder.raw_decode(line.decode())[0]


def write_json(value: object) -> str:
    """Return a value as JSON in ASCII, on one line.

    Raises:
        TypeError: something in it is of none of JSON's types.
    """
    return "".join(_write(value, 0))
