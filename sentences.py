"""Sentences for people: an English template with its values, kept together until a person is told.

A `Sentence` is its own English text, so it can be logged, compared and written into a report as it is;
progress/translate.py says it in the reader's language from the template. Values are never translated, unless they are
sentences themselves. Knows no languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self


class Sentence(str):
    """English text that remembers how it was put together. `one`: the template for exactly one thing, if another."""

    __slots__ = ("number", "one", "template", "values")

    template: str
    values: Mapping[str, object]
    one: str
    number: int

    def __new__(cls, template: str, values: Mapping[str, object], *, one: str = "", number: int = 0) -> Self:
        made = super().__new__(cls, (one if one and number == 1 else template).format_map(values))
        made.template, made.values, made.one, made.number = template, values, one, number
        return made


def sentence(template: str, /, **values: object) -> Sentence:
    """The template with its values, as `sentence("{file} is not there.", file=path)`. Each value is named in it."""
    return Sentence(template, values)


def counted(number: int, one: str, many: str, /, **values: object) -> Sentence:
    """The template that agrees with `number`, which is among the values as `number`."""
    return Sentence(many, {"number": number, **values}, one=one, number=number)
