"""What a picture job is, and what a worker says about it: the lines that parent and worker exchange.

One JSON object a line. The parent sends a `WorkerConfig`, then jobs; the worker answers with `WorkerLine`s.
Knows nothing of posts, processes and torch.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from images.models import Model


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
    painting: str = Field(default="", description="The digest of the post's painting; it stands in the metadata too.")
    kept: bool = Field(default=False, description="A person keeps the picture that is there, whatever it was made of.")


class Faults(BaseModel):
    """What a sleeping engine does wrong on purpose, by job id. For tests and benchmarks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dies: tuple[str, ...] = ()
    hangs: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    dies_loading: bool = False
    cannot_load: bool = False


class WorkerConfig(BaseModel):
    """The first line a worker is given: whose pictures it paints, and on what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: str = Field(default="painter", description='"painter", or "sleep:0.5": a stand-in without torch.')
    model: Model
    folder: str = Field(default="", description="Where the painter's files lie; empty: it is built in memory.")
    device: Literal["cuda", "mps", "cpu"] = "cpu"
    threads: int = 1
    parent: int = Field(default=0, description="The process that must be alive; 0: any.")
    faults: Faults = Faults()


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
    """This picture could not be made; the worker goes on. With `id` "", the worker itself cannot work.

    `disk_full`: no other picture could be saved either.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["failed"] = "failed"
    id: str
    cause: str
    remedy: str = ""
    disk_full: bool = False


WorkerLine = Annotated[Ready | Beat | Painted | Failed, Field(discriminator="kind")]
