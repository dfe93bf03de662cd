"""The rehearsal's answer to what is between two members of a cast: each sees the other in its own language."""

from __future__ import annotations

from typing import Any

from rehearsal.bank import Draw, bank_for
from rehearsal.cast import Asked, part


def acquaintance(asked: Asked) -> dict[str, Any]:
    """Both sides of it, drawn from the two names."""
    return {"first": _bond(asked, "first", "second"), "second": _bond(asked, "second", "first")}


def _bond(asked: Asked, side: str, other: str) -> dict[str, str]:
    one, two = asked.block(side), asked.block(other)
    names = [str(part(sheet, "facts").get("name") or "") for sheet in (one, two)]
    roles = bank_for(str(one.get("language") or "")).persona["person"]
    # A role with a pronoun of its own is a relative; two members of a cast have met some other way.
    role = Draw("\n".join(names)).one("role", [role for role in roles if "kind" not in role])
    return {
        "relation": role["relation"],
        "called": role["called"] or names[1],
        "wants": role["wants"] or role["relation"],
        "open_matter": role["open_matter"],
        "writes": role["writes"],
    }
