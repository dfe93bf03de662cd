"""What was found out about endpoints, kept from one run to the next in one small JSON file.

Anybody may edit or delete the file: what makes no sense in it is not known. Knows no HTTP.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from errors import BadInput, StopRun
from files import read_json, write_json
from llm.endpoint import LADDER, LIMIT_NAMES, Profile, profile_for
from llm.gate.learned import Learned


class Memory:
    """The file, read once. Keys are an endpoint's address and a model."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: dict[str, Any] = {}
        if path is not None and path.exists():
            try:
                value = read_json(path, "list of endpoints")
            except BadInput:
                value = {}  # nothing that is not found out again
            self._known = value if isinstance(value, dict) else {}

    def learned(self, address: str, model: str) -> Learned:
        """What the gate begins with."""
        return Learned.read(self._entry(address, model).get("gate"))

    def profile(self, address: str, model: str) -> Profile:
        """How to talk to the endpoint: as it turned out the last time, else what is known of the host."""
        known, preset = self._entry(address, model).get("profile"), profile_for(address)
        if not isinstance(known, dict):
            return preset
        structured, limit_name = known.get("structured"), known.get("limit_name")
        return replace(
            preset,
            structured=structured if structured in LADDER else preset.structured,
            limit_name=limit_name if limit_name in LIMIT_NAMES else preset.limit_name,
        )

    def keep(self, address: str, model: str, *, profile: Profile | None = None, learned: Learned | None = None) -> None:
        """Note what was found out; `save` writes it."""
        entry = dict(self._entry(address, model))
        if profile is not None:
            entry["profile"] = {"structured": profile.structured, "limit_name": profile.limit_name}
        if learned is not None:
            entry["gate"] = asdict(learned)
        self._known[_key(address, model)] = entry

    def save(self) -> None:
        """Write the file if there is one. A disk that is full costs the memory, not the run."""
        if self._path is not None and self._known:
            try:
                write_json(self._path, self._known)
            except StopRun:
                return

    def _entry(self, address: str, model: str) -> dict[str, Any]:
        entry = self._known.get(_key(address, model))
        return entry if isinstance(entry, dict) else {}


def _key(address: str, model: str) -> str:
    return f"{address} {model}"
