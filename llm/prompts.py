"""A prompt is a Markdown file, filled strictly: a missing value and an unused one are both errors.

`$name` stands for a value. A comment at the head is for people and does not travel. Above a line `---` stands
the system message, which never changes within a run; below it the question. Knows no stage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

from files import digest

_COMMENT = re.compile(r"\A\s*<!--.*?-->\s*", re.DOTALL)
_RULE = re.compile(r"^---\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent: the part that never changes, and the question."""

    system: str
    user: str


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A prompt file as read. `digest` stands for its text: whoever edits the file changes it."""

    name: str
    system: str
    user: str

    @property
    def digest(self) -> str:
        return digest(self.system, self.user, length=16)

    def fill(self, **values: str) -> Prompt:
        """The prompt with every `$name` replaced; ValueError lists what is missing and what nobody asked for."""
        system, user = Template(self.system), Template(self.user)
        wanted = set(system.get_identifiers()) | set(user.get_identifiers())
        if wanted != set(values):
            missing, unused = sorted(wanted - set(values)), sorted(set(values) - wanted)
            raise ValueError(f"{self.name}: missing {missing}, unused {unused}")
        return Prompt(system.substitute(values), user.substitute(values))


@cache
def read_prompt(path: Path) -> PromptFile:
    """The prompt in `path`; read once per run. A file without the line `---` is all question."""
    text = _COMMENT.sub("", path.read_text(encoding="utf-8"))
    parts = _RULE.split(text, maxsplit=1)
    system, user = parts if len(parts) == 2 else ("", parts[0])
    return PromptFile(path.name, system.strip(), user.strip())
