"""What people are told, in their language: English, or Chinese where a translation is at hand.

The program speaks English everywhere: in errors, in reports, in batch files. A sentence is translated where a person
is told, not where it is made: sentences.py keeps its template and values. A language is a folder of gettext `.po`
files, one for each package, whose entries are the templates; they are read as they are, nothing is compiled. Knows no
settings.
"""

from __future__ import annotations

import ast
import gettext
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from sentences import Sentence

FOLDER = Path(__file__).parent / "translations"
_FIELD = re.compile(r"\{(\w+)\}")
_NUMBERS = {"number", "all", "limit", "calls", "seconds", "tokens_in", "tokens_out", "cached"}  # fields of digits
_spoken = gettext.NullTranslations()


class Catalog(gettext.NullTranslations):
    """Translations by sentence. A value inside a sentence is translated too if it is a sentence of the catalog."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        super().__init__()
        self._entries = {english: other for english, other in entries.items() if other}
        fielded = [english for english in self._entries if _FIELD.search(english)]
        # The one with the most words of its own first: "{a} of {b} calls" before "{a} {b}".
        fielded.sort(key=lambda english: -len(_FIELD.sub("", english)))
        self._patterns = [(_pattern(english), self._entries[english]) for english in fielded]

    def gettext(self, message: str) -> str:
        """The translation of a sentence, with its values in it; the sentence itself where there is none."""
        if isinstance(message, Sentence):
            template = message.one if message.one and message.number == 1 else message.template
            values = {
                name: self.gettext(value) if isinstance(value, Sentence) else value
                for name, value in message.values.items()
            }
            return self._entries.get(template, template).format_map(values)
        if message in self._entries:
            return self._entries[message]
        for pattern, other in self._patterns:
            if found := pattern.fullmatch(message):
                return other.format_map({name: self.gettext(value) for name, value in found.groupdict().items()})
        return message


def speak(language: str) -> None:
    """From now on people are told in this language, as "zh" or "en"; in English where there is no catalog for it."""
    global _spoken
    entries = read_language(language)
    _spoken = Catalog(entries) if entries else gettext.NullTranslations()


def translated(message: str) -> str:
    """The sentence, for a person."""
    return _spoken.gettext(message)


def read_language(language: str) -> dict[str, str]:
    """The entries of every catalog of a language; none where there is no folder for it."""
    entries: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.po")):
        entries |= read_catalog(path)
    return entries


def read_catalog(path: Path) -> dict[str, str]:
    """The entries of a `.po` file: `msgid`, `msgstr`, and lines that go on with a quotation mark."""
    entries: dict[str, str] = {}
    texts = {"msgid": "", "msgstr": ""}
    field = "msgid"
    for line in [*path.read_text(encoding="utf-8").splitlines(), 'msgid ""']:
        word, _, quoted = line.strip().partition(" ")
        if word == "msgid":
            entries[texts["msgid"]] = texts["msgstr"]
            texts = {"msgid": "", "msgstr": ""}
        if word in texts:
            field = word
            texts[field] = ast.literal_eval(quoted)
        elif line.startswith('"'):
            texts[field] += ast.literal_eval(line)
    entries.pop("", None)  # the header
    return entries


def padded(text: str, columns: int) -> str:
    """`text` with spaces after it: as wide as so many letters. A Chinese character is as wide as two."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return text + " " * max(0, columns - len(text) - wide)


def _pattern(english: str) -> re.Pattern[str]:
    parts = _FIELD.split(english)
    texts, names = parts[::2], parts[1::2]
    matched = [re.escape(texts[0])]
    for name, text in zip(names, texts[1:], strict=True):
        value = r"[\d.,]+" if name in _NUMBERS else ".+?"
        matched += [f"(?P<{name}>{value})", re.escape(text)]
    return re.compile("".join(matched), re.DOTALL)
