"""What files say of themselves: AI labels read back from pictures, cards, batches and calendars, ours or anybody's.

A label is a claim that its writer could have left out, and that anybody can take away; only a signature shows that a
file was changed. Reads; writes nothing, asks no model and no network.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from errors import DONE, HOLES, BadInput
from files import LARGEST_JSON, read_json
from labels.c2pa import Signature, read_signature
from labels.picture_files import Texts, read_texts
from labels.xmp import Marks, own_note, read_xmp
from persona.cards.containers import open_card

# What says that a model took part. https://cv.iptc.org/newscodes/digitalsourcetype/
_BY_MODEL = {
    "trainedAlgorithmicMedia": "made by a model",
    "compositeWithTrainedAlgorithmicMedia": "partly made by a model",
    "algorithmicMedia": "made by an algorithm",
    "compositeSynthetic": "partly synthetic",
}
_AIGC = {"1": "AI-generated", "2": "possibly AI-generated", "3": "suspected to be AI-generated"}  # GB 45438-2025
_EXPECTED = "Labels are read from PNG, JPEG and WebP pictures, and from JSON, JSONL and CHARX."


@dataclass(frozen=True, slots=True)
class Claim:
    """What one file says: `says` for people, `found` for programs. `labelled`: that AI made it, in a form that a
    program can read, and that nothing belies it."""

    file: str
    kind: str
    labelled: bool
    says: tuple[str, ...]
    found: Mapping[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """The claim for people."""
        return f"{self.file}: {'' if self.labelled else 'NOT LABELLED: '}{self.kind}: {'; '.join(self.says)}"

    def as_json(self) -> dict[str, Any]:
        said = {"file": self.file, "kind": self.kind, "labelled": self.labelled, "says": list(self.says)}
        return said | {"found": dict(self.found)}


def verify(paths: Sequence[Path], *, as_json: bool = False) -> int:
    """Tell what each file claims; the exit code says whether all of them are labelled."""
    claims = []
    for path in paths:
        claims.append(claim_of(path))
        if not as_json:
            print(claims[-1].line())  # noqa: T201 - what was asked for
    missing = sum(not claim.labelled for claim in claims)
    if as_json:
        report = {"files": [claim.as_json() for claim in claims], "labelled": len(claims) - missing, "missing": missing}
        print(json.dumps(report, ensure_ascii=False))  # noqa: T201 - data, asked for with --json
    print(f"{len(claims) - missing} of {len(claims)} files are labelled.", file=sys.stderr)  # noqa: T201 - for people
    return HOLES if missing else DONE


def claim_of(path: Path) -> Claim:
    """What the file at `path` says of itself. One that cannot be read claims nothing, and says why."""
    try:
        with path.open("rb") as file:
            texts = read_texts(file)
        if texts is not None:
            return _picture(path, texts)
        return _records(path)
    except OSError as error:
        return Claim(str(path), "unreadable", False, ((error.strerror or str(error)).lower(),))
    except BadInput as error:
        return Claim(str(path), "unreadable", False, (str(error),))


# -- pictures ----------------------------------------------------------------------------------------


def _picture(path: Path, texts: Texts) -> Claim:
    marks, note = read_xmp(texts.xmp), own_note(texts.xmp)
    card = _card_in(path) if texts.form == "png" else None
    signature = read_signature(path.read_bytes(), texts.form) if texts.signed else None
    labels = [*_marked(marks), *(_told(_label_of(card)) if card else ())]
    if signature is not None and (kind := _kind(signature.source_type)) in _BY_MODEL:
        labels.append(f"{_BY_MODEL[kind]} (C2PA {kind})")
    says = labels or ["no AI label"]
    says += [f"by {marks.tool}"] if marks.tool else []
    says += [f"{name} {note[name]}" for name in ("model", "id", "score") if name in note]
    says += ["its prompt is inside"] if texts.parameters else []
    says += ["a character card is inside"] if card else []
    says += [_signed(signature)] if signature else []
    says += [] if texts.complete else ["the file is cut short"]
    found = {
        "digital_source_type": marks.source_type,
        "aigc": dict(marks.aigc),
        "tool": marks.tool,
        "note": note,
        "prompt": bool(texts.parameters),
        "signature": asdict(signature) if signature else None,
    }
    whole = bool(labels) and not (signature and _is_broken(signature))
    return Claim(str(path), "card" if card else "picture", whole, tuple(says), found)


def _marked(marks: Marks) -> Iterator[str]:
    """What the marks say of AI, if they do."""
    if (kind := _kind(marks.source_type)) in _BY_MODEL:
        yield f"{_BY_MODEL[kind]} (IPTC {kind})"
    if (aigc := str(marks.aigc.get("Label", ""))) in _AIGC:
        yield f"{_AIGC[aigc]} (AIGC label {aigc})"


def _kind(source_type: str) -> str:
    return source_type.rpartition("/")[2]


def _signed(signature: Signature) -> str:
    if not signature.checked:
        return "signed (C2PA), not checked: python -m pip install -r requirements-c2pa.txt"
    if _is_broken(signature):
        return "its C2PA SIGNATURE DOES NOT FIT: the file was changed after it was signed"
    return f"signed by {signature.signer or 'somebody'} (C2PA) and not changed since"


def _is_broken(signature: Signature) -> bool:
    return signature.checked and not signature.fits


def _card_in(path: Path) -> dict[str, Any] | None:
    try:
        return open_card(path).value
    except BadInput:
        return None


# -- records -----------------------------------------------------------------------------------------


def _records(path: Path) -> Claim:
    """A JSON file, lines of JSON, or an archive with a card."""
    if path.suffix.casefold() == ".jsonl":
        return _many(path, "posts", list(_lines(path)))
    try:
        value = open_card(path).value if path.suffix.casefold() == ".charx" else read_json(path, "labelled file")
    except BadInput as error:
        raise BadInput(error.what, _EXPECTED) from error
    if not isinstance(value, dict):
        return _many(path, "list", value if isinstance(value, list) else [])
    if isinstance(value.get("posts"), list) and "persona" in value:
        whole = _label_of(value)
        return _many(path, "batch of posts", [{"ai": whole, **_without_empty(post)} for post in value["posts"]])
    kind = "card" if isinstance(value.get("data"), dict) else "calendar" if "days" in value else "record"
    label = _label_of(value)
    return Claim(
        str(path), kind, bool(label), tuple(_told(label)) or ("no AI label",), {"ai": [dict(label)] if label else []}
    )


def _lines(path: Path) -> Iterator[Any]:
    if path.stat().st_size > LARGEST_JSON:
        raise BadInput(f"{path} is larger than {LARGEST_JSON >> 20} MB.", "Is it the right file?")
    for number, line in enumerate(path.read_bytes().decode("utf-8-sig", "replace").splitlines(), start=1):
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError) as error:
                raise BadInput(f"{path}, line {number} is not JSON: {error}.", _EXPECTED) from error


def _many(path: Path, kind: str, records: Sequence[Any]) -> Claim:
    """Labelled when every record is."""
    labels = [_label_of(record) if isinstance(record, dict) else {} for record in records]
    bare = sum(not label for label in labels)
    if not records:
        return Claim(str(path), kind, False, ("it is empty",))
    told = dict.fromkeys(sentence for label in labels for sentence in _told(label))
    count = f"{len(records) - bare} of {len(records)} labelled"
    different = [json.loads(text) for text in dict.fromkeys(json.dumps(label) for label in labels if label)]
    return Claim(str(path), kind, not bare, (count, *told), {"ai": different})


def _label_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The `ai` object of a record, wherever our files hold it; empty unless it says that a model made it."""
    for place in (("ai",), ("data", "extensions", "dramatis", "ai"), ("settings", "dramatis", "ai")):
        value: Any = record
        for name in place:
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, dict) and value.get("generated") is True:
            return value
    return {}


def _told(label: Mapping[str, Any]) -> list[str]:
    if not label:
        return []
    by = " ".join(str(label[name]) for name in ("model", "tool") if label.get(name))
    return [f"{label.get('label', 'AI-generated')}, by {by}" if by else str(label.get("label", "AI-generated"))]


def _without_empty(post: object) -> dict[str, Any]:
    return {name: value for name, value in post.items() if value is not None} if isinstance(post, dict) else {}
