"""What a picture job is, and what a worker says about it: the lines that parent and worker exchange.

One JSON object a line. The parent sends a `WorkerConfig`, then batches; the worker answers with `WorkerLine`s.
Knows nothing of posts, processes and torch.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from images.models import Model

CAPTION_STEP = 32  # tokens; a painter that pads prompts pads them to a multiple of this
_CHARACTERS_A_TOKEN = 4.0  # of English prose, about


class LoraFile(BaseModel):
    """Trained weights that are laid over the painter's own for one character."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    strength: float = 1.0
    digest: str = Field(description="Stands for the content: the same weights are loaded once, whatever their name.")


class PictureJob(BaseModel):
    """One picture to paint and the file it goes to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(description="<persona>/<batch key>/<post id>: unique in a run, for people and for the report.")
    key: str = Field(description="A digest of everything the picture is made from; it stands in the file's metadata.")
    prompt: str
    opening: str = Field(default="", description="How `prompt` begins in every picture of this character.")
    closing: str = Field(default="", description="How `prompt` ends: words of quality that may be left out.")
    lora: LoraFile | None = None
    reference: str = Field(default="", description="A small picture of the character that the painter is shown.")
    seed: int
    width: int
    height: int
    steps: int
    guidance: float
    path: str = Field(description="Where the finished file goes.")
    title: str = Field(default="", description="Whose picture it is, for the metadata.")
    alt_text: str = ""
    painting: str = Field(default="", description="The digest of the post's painting; it stands in the metadata too.")
    note: str = Field(default="", description="What is done otherwise than asked, such as a shortened prompt.")
    kept: bool = Field(default=False, description="A person keeps the picture that is there, whatever it was made of.")

    @property
    def group(self) -> str:
        """What pictures of one batch must have in common, and what decides how many fit into memory.

        Prompts of unequal length would need a mask, which leaves the fast ways of attention, so they are sorted by
        their length too; it is estimated here, where no tokenizer is loaded.
        """
        caption = -(-len(self.prompt) // int(CAPTION_STEP * _CHARACTERS_A_TOKEN)) * CAPTION_STEP
        lora = f" {self.lora.digest} {self.lora.strength:g}" if self.lora else ""
        reference = f" {self.reference}" if self.reference else ""
        return f"{self.width}x{self.height} {self.steps} {self.guidance:g} {caption}{lora}{reference}"


class JobBatch(BaseModel):
    """Jobs of one group, to be painted in one call."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    jobs: tuple[PictureJob, ...] = Field(min_length=1)
    left: int = Field(default=0, description="How many more pictures this worker can expect, about.")


class Labelling(BaseModel):
    """What a file says of itself beyond the marks that every one bears, and who signs it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tell_prompt: bool = Field(default=True, description="Whether prompt and settings stand in the file.")
    certificate: str = Field(default="", description="A PEM file, the signer's certificate first; empty: not signed.")
    key: str = Field(default="", description="A PEM file with the private key.")


class Speed(BaseModel):
    """What may be traded for speed, as the flags say it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    precision: str = Field(default="", description='"bf16", "int8" or "fp8"; "": the painter\'s own.')
    attention: str = Field(default="auto", description="A backend of diffusers; auto: the fastest that works here.")
    compile: Literal["auto", "on", "off"] = "auto"
    learned: str = Field(default="", description="The folder in which measured times are kept; empty: nowhere.")


class WorkerConfig(BaseModel):
    """The first line a worker is given: whose pictures it paints, and on what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: str = Field(
        default="images.worker.painter:load",
        description="What loads the engine, as module:function; what follows a question mark is for that alone.",
    )
    model: Model
    folder: str = Field(default="", description="Where the painter's files lie; empty: it is built in memory.")
    device: Literal["cuda", "mps", "cpu"] = "cpu"
    threads: int = 1
    speed: Speed = Speed()
    parent: int = Field(default=0, description="The process that must be alive; 0: any.")
    labelling: Labelling = Labelling()


class Ready(BaseModel):
    """The worker has loaded its model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["ready"] = "ready"
    device: str
    seconds: float = Field(description="Spent on loading.")


class Begun(BaseModel):
    """A batch is on the device now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["begun"] = "begun"
    ids: tuple[str, ...]


class Beat(BaseModel):
    """Sign of life from within a batch or a load."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["beat"] = "beat"
    silence: float = Field(default=0.0, description="Seconds for which the next may not be heard, as in a compile.")


class Released(BaseModel):
    """The device is done with a batch; its pictures are on their way to the disk."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["released"] = "released"
    ids: tuple[str, ...]
    seconds: float = Field(description="Spent on the device.")
    silence: float = Field(description="The longest that passed between two steps.")


class Fits(BaseModel):
    """The memory of the device holds no more than `most` pictures of `group` at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["fits"] = "fits"
    group: str
    most: int


class Painted(BaseModel):
    """The file is in its place. Size, time and digest let a later run recognise it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["painted"] = "painted"
    id: str
    seconds: float = Field(description="From the beginning of its batch until it was saved.")
    seed: int = Field(description="The one it was painted with in the end.")
    size: int
    mtime_ns: int
    sha256: str
    note: str = Field(default="", description="That of its job.")


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


WorkerLine = Annotated[Ready | Begun | Beat | Released | Fits | Painted | Failed, Field(discriminator="kind")]
