"""Values that are images: encoded ones as they are, those of PIL as a PNG that is small enough to be sent.

Refuses images whose pixels lie elsewhere: in a file not loaded yet, or in memory that is not the image's own.
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

from .objects import MISSING, class_of, is_defined_in, library_member, library_of
from .parts import find_field

__all__ = ["find_image", "find_image_text"]

_LARGEST = 400_000
"""Bytes of an encoded image; an answer must stay below one MiB, written as base64."""

_LIBRARIES = ("builtins", "IPython", "PIL")
_SIDE = 512
_SMALLEST_SIDE = 64
_FORMATS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
_MODES = {"L": 0, "RGB": 2, "RGBA": 6}
"""How PNG calls PIL's modes."""


def find_image_text(value: Any) -> str:
    """Return what an image of PIL's or IPython's is; "" for anything else."""
    cls = class_of(value)
    if is_defined_in(cls, "PIL") and (size := find_field(value, "_size")) is not MISSING:
        return f"{find_field(value, '_mode')} image of {size[0]} x {size[1]} pixels"
    encoded = _find_encoded(value)
    return f"{_find_format(encoded)} of {len(encoded)} bytes" if encoded is not None and cls is not bytes else ""


def find_image(value: Any) -> dict[str, str] | None:
    """Return {"mime", "data"} of a value that is an image, data as base64; None if it is none or cannot be sent."""
    if library_of(class_of(value)) not in _LIBRARIES:
        return None
    encoded = _find_encoded(value)
    if encoded is None and class_of(value) is library_member("PIL.Image", "Image"):
        encoded = _encode_pixels(value)
    if encoded is None or len(encoded) > _LARGEST:
        return None
    return {"mime": _find_format(encoded), "data": base64.b64encode(encoded).decode("ascii")}


def _find_encoded(value: Any) -> bytes | None:
    """Return the bytes of an encoded image: the value itself, or what IPython's Image keeps."""
    if class_of(value) is library_member("IPython.core.display", "Image"):
        value = find_field(value, "data")
    return value if class_of(value) is bytes and _find_format(value) else None


def _find_format(encoded: bytes) -> str:
    return next((mime for magic, mime in _FORMATS.items() if encoded.startswith(magic)), "")


def _encode_pixels(image: Any) -> bytes | None:
    """Return a PNG of an image of PIL's, no larger than can be sent; None if its pixels are not its own."""
    if find_field(image, "_readonly") or find_field(image, "_im") in (MISSING, None):
        return None
    side = _SIDE
    while side >= _SMALLEST_SIDE:
        small = image if max(image.size) <= side else _shrink(image, side)
        mode = small.mode if small.mode in _MODES else "RGBA" if small.mode in ("P", "PA", "LA", "CMYK") else "L"
        encoded = _write_png(small if small.mode == mode else small.convert(mode))
        if len(encoded) <= _LARGEST:
            return encoded
        side //= 2
    return None


def _shrink(image: Any, side: int) -> Any:
    scale = side / max(image.size)
    return image.resize([max(1, round(each * scale)) for each in image.size])


def _write_png(image: Any) -> bytes:
    # PIL's own writer would look for its plug-ins, and import all of them where there are none yet.
    width, height = image.size
    pixels = image.tobytes()
    line = len(pixels) // height
    rows = b"".join(b"\0" + pixels[start : start + line] for start in range(0, len(pixels), line))
    header = struct.pack(">IIBBBBB", width, height, 8, _MODES[image.mode], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_write_chunk, chunks))


def _write_chunk(chunk: tuple[bytes, bytes]) -> bytes:
    kind, data = chunk
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
