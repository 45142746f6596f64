"""Images that code showed, small enough for an answer.

Knows how to make one smaller, with Pillow where the Jupyter server has it. Refuses to know where they come from.
"""

from __future__ import annotations

import base64
import binascii
import importlib.util
import io

__all__ = ["IMAGES", "shrink"]

IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""What hosts can show, the best first."""

_SIDES = (1568, 1024, 768, 512, 256)
"""Pixels of the longer side, tried in turn; models see no more than the first."""


def shrink(data: str, mime: str, most: int) -> tuple[str, str] | None:
    """Return an image and its MIME type, made smaller if it has to be; None if that cannot be done. Takes its time.

    Args:
        data: in base64, as Jupyter sends it.
        mime: of `data`.
        most: characters of base64.
    """
    data = "".join(data.split())
    if len(data) <= most:
        return data, mime
    if importlib.util.find_spec("PIL") is None:
        return None
    from PIL import Image  # noqa: PLC0415 - it need not be there, and takes a while to come

    try:
        with Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as image:
            for side in _SIDES:
                small = image.convert("RGBA" if image.has_transparency_data else "RGB")
                small.thumbnail((side, side))
                encoded = io.BytesIO()
                small.save(encoded, "PNG", optimize=False)
                text = base64.b64encode(encoded.getvalue()).decode()
                if len(text) <= most:
                    return text, "image/png"
    except (OSError, ValueError, binascii.Error, Image.DecompressionBombError):
        return None
    return None
