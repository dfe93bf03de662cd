"""What a picture job is, and what a worker says about it: the lines that parent and worker exchange.

One JSON object a line. Knows nothing of posts, processes and torch.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class PictureJob(BaseModel):
    """One picture to paint and the file it goes to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(description="<persona>/<batch key>/<post id>: unique in a run, for people and for the report.")
    key: str = Field(description="A digest of everything the picture is made from; it stands in the file's metadata.")
    prompt: str
    seed: int
    width: int
    height: int
    steps: int
    guidance: float
    path: str = Field(description="Where the finished file goes.")
    title: str = Field(default="", description="Whose picture it is, for the metadata.")
    alt_text: str = ""


class Ready(BaseModel):
    """The worker has loaded its model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["ready"] = "ready"
    device: str
    seconds: float = Field(description="Spent on loading.")


class Beat(BaseModel):
    """Sign of life from within a picture."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["beat"] = "beat"
    id: str
    step: int


class Painted(BaseModel):
    """The file is in its place."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["painted"] = "painted"
    id: str
    seconds: float


class Failed(BaseModel):
    """This picture could not be made; the worker goes on. With `id` "", the worker itself cannot work."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["failed"] = "failed"
    id: str
    cause: str
    remedy: str = ""


WorkerLine = Ready | Beat | Painted | Failed
