"""The JSON Schemas of docs/: `python -m tests.schema_pages` writes them anew from the models.

Calendars have a page of their own (tests/calendar_pages.py).
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from persona.schema.persona import Persona
from tweets.schema import TweetBatch

DOCS = Path(__file__).parent.parent / "docs"
MODELS: dict[str, tuple[type[BaseModel], str]] = {
    "persona.schema.json": (Persona, "A persona of Dramatis: data.extensions.dramatis of its card"),
    "batch.schema.json": (TweetBatch, "A batch of posts of Dramatis"),
}


def schema_text(name: str) -> str:
    """What the file `name` of docs/ is to hold."""
    model, title = MODELS[name]
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | model.model_json_schema() | {"title": title}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    for name in MODELS:
        (DOCS / name).write_text(schema_text(name), encoding="utf-8")


if __name__ == "__main__":
    main()
