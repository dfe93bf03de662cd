"""The mark on every text record: made by a model, and fiction. Knows no files and no stages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field

from settings import TOOL


class LabelSource(Protocol):
    """What a label needs to know of the language model."""

    text_model: str
    provider: str


class AILabel(BaseModel):
    """The machine-readable mark on every text record: made by a model, and fiction."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    generated: Literal[True] = True
    label: Literal["AI-generated"] = "AI-generated"
    fiction: Literal[True] = True
    digital_source_type: str = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    model: str
    provider: str
    tool: str
    created: str = Field(description="RFC 3339")

    @classmethod
    def by(cls, writer: LabelSource, moment: datetime) -> Self:
        """The mark on what this model wrote at this moment."""
        created = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return cls(model=writer.text_model, provider=writer.provider, tool=TOOL, created=created)

    def aigc(self, record: str) -> dict[str, str]:
        """The seven fields of GB 45438-2025 for a record with this id."""
        return {
            "Label": "1",
            "ContentProducer": self.tool,
            "ProduceID": record,
            "ReservedCode1": "",
            "ContentPropagator": "",
            "PropagateID": "",
            "ReservedCode2": "",
        }
