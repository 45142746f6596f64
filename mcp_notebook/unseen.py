"""Characters that a person does not see and a model reads: which they are, and what they say.

Knows Unicode: zero-width and direction characters, tag characters, variation selectors, fillers, control characters and
terminal escapes; and where some of these belong, so that emoji, Persian and Hindi stay as they are. Refuses to know
what a text is about.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Unseen", "find_unseen", "hide_unseen", "reveal_unseen"]

_ESCAPE_SEQUENCE = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?"
_CHARACTERS = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00013430-\U0001343f"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_CANDIDATE = re.compile(rf"{_ESCAPE_SEQUENCE}|[{_CHARACTERS}]", re.DOTALL)
_JOINERS = frozenset("\u200c\u200d")
_EMOJI_SELECTORS = frozenset("\ufe0e\ufe0f")
_KEYCAP = "\u20e3"
_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_FLAG = re.compile(
    "\U0001f3f4(?:{})".format(
        "|".join(
            "".join(chr(0xE0000 + ord(letter)) for letter in name) + "\U000e007f"
            for name in ("gbeng", "gbsct", "gbwls")
        )
    )
)
_MAX_SHOWN = 200


@dataclass(frozen=True)
class Unseen:
    """One run of characters that nobody sees.

    Attributes:
        start: where it begins in the text.
        end: where it ends.
        text: the characters themselves.
    """

    start: int
    end: int
    text: str

    @property
    def says(self) -> str:
        """What a model may read in it; empty if it only separates: tag characters and selectors can spell a text."""
        return "".join(map(_decode, self.text)).strip()

    def __str__(self) -> str:
        if self.says:
            shown = self.says if len(self.says) <= _MAX_SHOWN else self.says[:_MAX_SHOWN] + "…"
            return f"⟨{len(self.text)} unseen characters say: {shown}⟩"
        first = self.text[0]
        name = unicodedata.name(first, "").lower() or ("terminal escape" if first == "\x1b" else "control character")
        more = len(self.text) - 1
        if first == "\x1b":
            return f"⟨terminal escape {self.text[1:30]!r}⟩"
        return f"⟨U+{ord(first):04X} {name}{f' and {more} more' if more else ''}⟩"


def _decode(character: str) -> str:
    """Give the letter that a tag character stands for, or the byte that a variation selector is made to stand for."""
    # Sixteen selectors and 240 more make 256: a known way to hide bytes after any letter.
    for first, last, offset in (
        ("\ufe00", "\ufe0f", 0),
        ("\U000e0100", "\U000e01ef", 16),
        ("\U000e0020", "\U000e007e", 32),
    ):
        if first <= character <= last:
            letter = chr(ord(character) - ord(first) + offset)
            return letter if letter.isascii() and letter.isprintable() else ""
    return ""


def find_unseen(text: str) -> list[Unseen]:
    """Find the runs of characters that nobody sees; those that belong where they stand are none."""
    runs: list[Unseen] = []
    for start, end in _find(text):
        goes_on = runs and runs[-1].end == start and "\x1b" not in (text[start], runs[-1].text[0])
        begin = runs.pop().start if goes_on else start
        runs.append(Unseen(begin, end, text[begin:end]))
    return runs


def reveal_unseen(text: str) -> str:
    """Write a text so that a person sees what is in it: `⟨U+200B zero width space⟩`."""
    return _replace(text, str)


def hide_unseen(text: str) -> str:
    """Put a space in the place of each character that nobody sees; escape sequences are taken out whole."""
    return _replace(text, lambda run: "" if run.text[0] == "\x1b" else " " * len(run.text))


def _replace(text: str, replacement: Callable[[Unseen], str]) -> str:
    parts: list[str] = []
    at = 0
    for run in find_unseen(text):
        parts += [text[at : run.start], replacement(run)]
        at = run.end
    return "".join([*parts, text[at:]]) if parts else text


def _find(text: str) -> Iterator[tuple[int, int]]:
    """Find the characters and escape sequences that do not belong where they stand."""
    skip_to = 0
    for found in _CANDIDATE.finditer(text):
        start, end = found.span()
        if start < skip_to:
            continue
        flag = _FLAG.match(text, start - 1) if start else None
        if flag:
            skip_to = flag.end()
        elif not _belongs(text, start):
            yield start, end


def _belongs(text: str, at: int) -> bool:
    """Whether a character belongs where it stands: it shapes the one before it, as Unicode means it to."""
    character = text[at]
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if character in _JOINERS:
        return _joins(text[:at].rstrip("".join(_EMOJI_SELECTORS))[-1:], after)
    if character in _EMOJI_SELECTORS:
        return after == _KEYCAP or _is_symbol(before)
    if "\ufe00" <= character <= "\ufe0d" or character >= "\U000e0100":
        return _is_ideograph(before)
    if "\u180b" <= character <= "\u180f":
        return "\u1820" <= before <= "\u18aa"
    return character == "\r" and after == "\n"


def _joins(before: str, after: str) -> bool:
    """Whether a joiner between these means something: in emoji, and in the scripts whose letters join."""
    emoji = _is_symbol(before) and (_is_symbol(after) or after in _SKIN_TONES)
    return emoji or (_is_joining(before) and (_is_joining(after) or not after.strip()))


def _is_symbol(character: str) -> bool:
    if character in _SKIN_TONES or character == "\u2139":
        return True
    return character > "\x7f" and unicodedata.category(character) in {"So", "Sm", "Po", "Pd"} and character != "\u2800"


def _is_ideograph(character: str) -> bool:
    return character >= "\u3400" and unicodedata.category(character) == "Lo"


def _is_joining(character: str) -> bool:
    in_block = "\u0600" <= character <= "\u109f" or "\u1780" <= character <= "\u18af"
    return in_block and unicodedata.category(character)[0] in "LM"
