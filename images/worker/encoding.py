"""From words to what a pipeline is called with: how many tokens it reads, and its own encoding of a prompt, made once.

A prompt that comes again is not encoded again, and where memory is short the text encoder can wait outside the
device, since it is needed for new words only. Works on any pipeline object; imports no torch.
"""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from images.models import Model
from images.prompt import fit_prompt
from images.schema import PictureJob

KEPT = 32  # encodings, on the device: one of Z-Image takes about 0.7 MB, one of FLUX.2-klein 8
_ENCODERS = ("text_encoder", "text_encoder_2", "text_encoder_3")
_TOKENIZERS = ("tokenizer", "tokenizer_2", "tokenizer_3")
_ENDLESS = 100_000  # a tokenizer without a limit of its own says some huge number

Encoded = Mapping[str, Any]


class Encoder:
    """The text side of one loaded pipeline. `join` makes a batch of tensors that have a batch dimension."""

    def __init__(self, pipe: Any, model: Model, join: Callable[[list[Any]], Any]) -> None:
        self._pipe = pipe
        self._model = model
        self._join = join
        self._accepted = inspect.signature(pipe.__call__).parameters
        self._limit, self._count = _reading(pipe, model, self._accepted)
        self._encode = _WAYS.get(type(pipe).__name__) if getattr(pipe, "text_encoder", None) is not None else None
        self._kept: OrderedDict[tuple[str, str], Encoded] = OrderedDict()
        self._parked: dict[str, Any] = {}
        self._device: Any = None

    @property
    def can_park(self) -> bool:
        return self._encode is not None and not self._parked

    def park(self, device: Any) -> None:
        """Keep the text encoders in main memory from now on; they come to `device` for new words only."""
        self._device = device
        self._parked = {name: part for name in _ENCODERS if (part := getattr(self._pipe, name, None)) is not None}
        self._put_away()

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Parked encoders hang on the pipeline during the block, where they are: a LoRA may have layers for them."""
        for name, part in self._parked.items():
            setattr(self._pipe, name, part)
        try:
            yield
        finally:
            for name in self._parked:
                setattr(self._pipe, name, None)

    def fit(self, job: PictureJob) -> PictureJob:
        """`job` with a prompt that is read to its end, and a note where it had to be said in fewer words."""
        fitted = fit_prompt(job.prompt, job.opening, job.closing, self._limit, self._count)
        if not fitted.shortened:
            return job
        note = f"The prompt was shortened: {self._model.name} reads {self._limit} tokens."
        return job.model_copy(update={"prompt": fitted.text, "note": note})

    def expect(self, jobs: Sequence[PictureJob]) -> None:
        """Encode the words of jobs that come later, where it saves fetching a parked encoder for each."""
        if self._parked:
            self._learn([(job.prompt, _weights(job)) for job in jobs if job.lora is None])

    def arguments(self, jobs: Sequence[PictureJob]) -> dict[str, Any]:
        """What a call is given of words: the encodings where they are known to be right, else the text itself."""
        negative = self._model.negative_prompt
        if self._encode is None:
            return _plain_words(jobs, negative)
        if negative is None and jobs[0].guidance > 0 and "negative_prompt" in self._accepted:
            negative = ""  # a pipeline that is given encodings does not make this one by itself
        weights = _weights(jobs[0])
        texts = [(job.prompt, weights) for job in jobs]
        self._learn(texts if negative is None else [*texts, (negative, weights)])
        arguments = self._joined([self._kept[text] for text in texts])
        if negative is not None:
            against = self._joined([self._kept[negative, weights]] * len(jobs))
            arguments |= {f"negative_{name}": value for name, value in against.items()}
        return arguments

    def _learn(self, texts: Sequence[tuple[str, str]]) -> None:
        new = [text for text in dict.fromkeys(texts) if text not in self._kept]
        if new and self._parked:
            for name, part in self._parked.items():
                setattr(self._pipe, name, part.to(self._device))
        for text in new:
            self._kept[text] = self._encode(self._pipe, text[0], self._limit) if self._encode else {}
        if new and self._parked:
            self._put_away()
        for text in texts:
            self._kept.move_to_end(text)
        while len(self._kept) > KEPT + len(texts):
            self._kept.popitem(last=False)

    def _put_away(self) -> None:
        """A pipeline runs where its first part is, so a part that waits elsewhere must not hang on it."""
        for name, part in self._parked.items():
            part.to("cpu")
            setattr(self._pipe, name, None)

    def _joined(self, encoded: Sequence[Encoded]) -> dict[str, Any]:
        joined: dict[str, Any] = {}
        for name, first in encoded[0].items():
            values = [one[name] for one in encoded]
            is_list = isinstance(first, list)
            joined[name] = [part for value in values for part in value] if is_list else self._join(values)
        return joined


def _plain_words(jobs: Sequence[PictureJob], negative: str | None) -> dict[str, Any]:
    """One prompt goes in as a string, several as a list of its own for each call: some pipelines write into it."""
    number = len(jobs)
    words: dict[str, Any] = {"prompt": jobs[0].prompt if number == 1 else [job.prompt for job in jobs]}
    return words if negative is None else words | {"negative_prompt": negative if number == 1 else [negative] * number}


def _weights(job: PictureJob) -> str:
    """A LoRA may change the text encoder too, so an encoding belongs to the weights it was made with."""
    return f"{job.lora.digest} {job.lora.strength:g}" if job.lora else ""


def _reading(pipe: Any, model: Model, accepted: Mapping[str, Any]) -> tuple[int, Callable[[str], int]]:
    """How many tokens of a prompt are read, 0: nobody knows; and how they are counted."""
    found = [tokenizer for name in _TOKENIZERS if (tokenizer := getattr(pipe, name, None)) is not None]
    if not found:
        return 0, len
    if "max_sequence_length" in accepted:  # a language model reads the prompt, and a CLIP beside it only the gist
        default = accepted["max_sequence_length"].default
        return model.prompt_tokens or (default if isinstance(default, int) else 0), lambda text: _tokens(
            found[-1], text
        )
    limits = [model.prompt_tokens, *(int(tokenizer.model_max_length) for tokenizer in found)]
    limit = min((limit for limit in limits if 0 < limit < _ENDLESS), default=0)
    return limit, lambda text: max(_tokens(tokenizer, text) for tokenizer in found)


def _tokens(tokenizer: Any, text: str) -> int:
    if getattr(tokenizer, "chat_template", None):
        said = [{"role": "user", "content": text}]
        text = tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True, enable_thinking=False)
    return len(tokenizer(text, verbose=False).input_ids)


def _z_image(pipe: Any, text: str, limit: int) -> Encoded:
    embeds, _ = pipe.encode_prompt([text], do_classifier_free_guidance=False, max_sequence_length=limit)
    return {"prompt_embeds": embeds}


def _klein(pipe: Any, text: str, limit: int) -> Encoded:
    return {"prompt_embeds": pipe.encode_prompt(text, max_sequence_length=limit)[0]}


def _stable_diffusion(pipe: Any, text: str, _limit: int) -> Encoded:
    return {"prompt_embeds": pipe.encode_prompt(text, pipe._execution_device, 1, False)[0]}


def _stable_diffusion_xl(pipe: Any, text: str, _limit: int) -> Encoded:
    embeds, _, pooled, _ = pipe.encode_prompt(text, do_classifier_free_guidance=False)
    return {"prompt_embeds": embeds, "pooled_prompt_embeds": pooled}


_WAYS: Mapping[str, Callable[[Any, str, int], Encoded]] = {
    "ZImagePipeline": _z_image,
    "Flux2KleinPipeline": _klein,
    "StableDiffusionPipeline": _stable_diffusion,
    "StableDiffusionXLPipeline": _stable_diffusion_xl,
}
