"""What docs/ says of calendars and is made by code: `python -m tests.calendar_pages` writes it anew.

The JSON Schema comes from the model, the tables of docs/CALENDARS.md from `holidays` and from plans.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date
from pathlib import Path
from typing import Any

from calendars.holidays import holidays_of, observances_of
from calendars.plan import plan_calendar
from calendars.schema import Calendar
from tests import answers

DOCS = Path(__file__).parent.parent / "docs"
PAGE, SCHEMA = DOCS / "CALENDARS.md", DOCS / "calendar.schema.json"

COUNTRIES = {
    **{"Brazil": ("BR", "pt"), "China": ("CN", "zh"), "Egypt": ("EG", "ar"), "Finland": ("FI", "fi")},
    **{"France": ("FR", "fr"), "Germany": ("DE", "de"), "India": ("IN", "hi"), "Japan": ("JP", "ja")},
    **{"Korea": ("KR", "ko"), "South Africa": ("ZA", "en"), "Sweden": ("SE", "sv"), "United States": ("US", "en")},
}
MAY = (date(2026, 5, 1), 31)
CHANGES = (
    ("Europe/Berlin", date(2026, 3, 28)),
    ("Australia/Lord_Howe", date(2026, 10, 3)),  # by half an hour
    ("America/New_York", date(2026, 10, 31)),
)


def schema() -> dict[str, Any]:
    """The JSON Schema of a calendar file."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A calendar of Dramatis"}
    return head | {name: value for name, value in Calendar.model_json_schema().items() if name != "title"}


def holiday_rows() -> Iterator[Sequence[str]]:
    yield "country", "in", "public holidays", "observances"
    for name, (country, language) in sorted(COUNTRIES.items()):
        found = (of(country, language, *MAY) for of in (holidays_of, observances_of))
        yield (
            name,
            language,
            *("; ".join(f"{day.day} {', '.join(names)}" for day, names in one.items()) for one in found),
        )


def clock_rows() -> Iterator[Sequence[str]]:
    yield "time zone", "planned", "local, with its offset", "UTC"
    for zone, start in CHANGES:
        home = answers.CORE.facts.home.model_copy(update={"time_zone": zone})
        facts = answers.CORE.facts.model_copy(update={"home": home})
        rhythm = tuple(day.model_copy(update={"hours": (1, 2, 3)}) for day in answers.STRATEGY.rhythm)
        strategy = answers.STRATEGY.model_copy(update={"rhythm": rhythm})
        core = answers.CORE.model_copy(update={"facts": facts})
        persona = answers.persona().model_copy(update={"core": core, "strategy": strategy})
        for post in plan_calendar(persona, posts=9, days=3, start=start, seed=0).posts():
            at = post.at(zone)
            yield (
                zone,
                f"{post.day} {post.time}",
                at.isoformat(timespec="minutes"),
                f"{at.astimezone(UTC):%Y-%m-%d %H:%M}",
            )


def page(text: str) -> str:
    """`text` with its tables made anew."""
    for name, rows in (("holidays", holiday_rows()), ("clock changes", clock_rows())):
        before, rest = text.split(f"<!-- {name} -->\n")
        _, after = rest.split("<!-- end -->", 1)
        text = f"{before}<!-- {name} -->\n{''.join(_lines(list(rows)))}<!-- end -->{after}"
    return text


def schema_text() -> str:
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


def _lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    heading, *others = rows
    for row in (heading, ["---"] * len(heading), *others):
        yield f"| {' | '.join(row)} |\n"


def main() -> None:
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
