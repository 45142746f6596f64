"""What a text looks like to a person, whatever letters it is made of.

Knows the letters of other alphabets that look like Latin ones (Unicode's confusables, those that occur in words), wide
and mathematical forms (by NFKC), and digits that pass for letters in names. Refuses to know words.
"""

from __future__ import annotations

# ruff: noqa: RUF001, RUF002  the table is made of letters that look like others
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from mcp_notebook.unseen import find_unseen

__all__ = ["Folded", "fold", "fold_name", "has_mixed_letters", "split_name"]

# What it looks like, then the letters that do: Cyrillic, Greek, Armenian, Cherokee, Latin of other kinds.
_LOOKS = {
    "a": "аɑαᴀ", "b": "ЬьƄᏏ", "c": "сϲᴄⅽ", "d": "ԁɗⅾ", "e": "еҽєεᴇ", "f": "ϝƒ", "g": "ɡցԍ", "h": "һհ",
    "i": "іιıɩӏ", "j": "јϳ", "k": "кκᴋ", "l": "ⅼ∣ǀ", "m": "мᴍⅿ", "n": "пոɴ", "o": "оοօᴏσ", "p": "рρϱ",
    "q": "ԛզ", "r": "гᴦ", "s": "ѕꜱ", "t": "тτᴛ", "u": "υսᴜ", "v": "νѵᴠ", "w": "ԝѡᴡ", "x": "хχ",
    "y": "уүγ", "z": "ᴢ", "A": "АΑᎪ", "B": "ВΒᏴ", "C": "СϹᏟ", "D": "Ꭰ", "E": "ЕΕᎬ", "H": "НΗᎻ", "I": "ІΙӀ",
    "J": "ЈᎫ", "K": "КΚᏦ", "L": "Ꮮ", "M": "МΜᎷ", "N": "Ν", "O": "ОΟՕ", "P": "РΡᏢ", "R": "Ꮢ", "S": "ЅՏᏚ",
    "T": "ТΤᎢ", "V": "Ꮩ", "W": "Ꮃ", "X": "ХΧ", "Y": "ΥҮ", "Z": "ΖᏃ",
}  # fmt: skip
_LATIN = {other: latin for latin, others in _LOOKS.items() for other in others}
_SAME_IN_NAMES = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "5": "s"})
_WORDS = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Folded:
    """A text as it looks, in small letters, and where each of its characters came from.

    Attributes:
        text: without what nobody sees.
        places: for each character of `text`, its place in the original; None if they are the same.
        size: characters of the original.
    """

    text: str
    places: tuple[int, ...] | None
    size: int

    def place(self, at: int) -> int:
        """Give the place in the original of a place in `text`; one past the end is its end."""
        if self.places is None:
            return at
        return self.places[at] if at < len(self.places) else self.size


@lru_cache(maxsize=4)  # each rule asks for the same text
def fold(text: str) -> Folded:
    """Write a text as it looks: Latin letters for those that only look so, small ones, none that nobody sees."""
    if text.isascii() and "\x1b" not in text:
        return Folded(text.lower(), None, len(text))
    unseen = {at for run in find_unseen(text) for at in range(run.start, run.end)}
    letters: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        if at in unseen:
            continue
        looks = _LATIN.get(character) or unicodedata.normalize("NFKC", character)
        for letter in looks.lower():
            letters.append(letter)
            places.append(at)
    return Folded("".join(letters), tuple(places), len(text))


def split_name(name: str) -> str:
    """Write a name as words: `getForecast`, `get_forecast` and `get-forecast` are `get forecast`."""
    return " ".join(re.split(r"[\W_]+", _HUMP.sub(" ", name))).strip().lower()


def fold_name(name: str) -> str:
    """Give the same for two names that a person could take for each other: `read_file`, `Read-Fi1e`, `rеad_file`."""
    return re.sub(r"[\W_]+", "", fold(name).text).translate(_SAME_IN_NAMES).replace("rn", "m").replace("vv", "w")


def has_mixed_letters(name: str) -> bool:
    """Whether one word of a name has letters of several alphabets, at least one of which passes for a Latin one."""
    return any(
        any(letter in _LATIN for letter in word) and any("a" <= letter.lower() <= "z" for letter in word)
        for word in _WORDS.findall(name)
    )
