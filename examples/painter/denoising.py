"""The denoiser while it learns: its steps, its running average, its checkpoint.

It begins from nothing or from the weights of a finished model. Knows no captions and no drawings.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderTiny, StableDiffusionPipeline, UNet2DConditionModel
from torch.nn.functional import mse_loss
from transformers import CLIPTextModel

from examples.painter import parts
from examples.painter.muon import Muon
from examples.painter.words import tokenizer

RATE = 1.5e-3
PLACING = 80  # steps that only teach the net where in the picture a place is
_FIGURE = (slice(2, 14), slice(3, 13))  # rows and columns in which the character stands


def learning_rate(step: int, steps: int, peak: float) -> float:
    """Up in fifty steps, level, and down to nearly nothing over the last third."""
    return peak * min(1.0, (step + 1) / 50, 0.01 + max(0.0, steps - step) / (steps / 3))


def save_state(path: Path, state: dict[str, Any]) -> None:
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def position_map() -> torch.Tensor:
    """Waves across the picture, one a channel: who can paint them knows where it is, which no input tells."""
    side = parts.SIZE // parts.PATCH
    turns = torch.arange(side).add(0.5) / side * 2 * torch.pi
    waves = [wave(turns * often) for often in (1, 4) for wave in (torch.sin, torch.cos)]
    both = [plane for wave in waves for plane in (wave.expand(side, side), wave[:, None].expand(side, side))]
    planes = torch.stack(both)[None]
    planes = planes - planes.mean((2, 3), keepdim=True)
    return planes / planes.std((2, 3), keepdim=True)


def figure_map() -> torch.Tensor:
    """How much each place counts: three times as much where the character stands, one on average."""
    side = parts.SIZE // parts.PATCH
    weight = torch.ones(1, 1, side, side)
    weight[0, 0, *_FIGURE] = 3
    return weight / weight.mean()


def _is_hidden(name: str, weight: torch.Tensor) -> bool:
    """Matrices in the middle of a net; what touches words and pixels is for Adam."""
    return weight.ndim >= 2 and not any(part in name for part in ("embedding.weight", "conv_in", "conv_out"))


class Denoising:
    """The denoiser with its text encoder, their running average, and the optimizer.

    It goes on from the checkpoint in `work`; without one it begins with the weights of the model in `begin`, or from
    nothing. `steps` is how many there will be in all.
    """

    def __init__(self, work: Path, steps: int, begin: Path | None = None) -> None:
        torch.manual_seed(2)
        self.words, self.steps = tokenizer(parts.WORDS), steps
        self.nets = torch.nn.ModuleDict({"unet": parts.denoiser(), "text": parts.text_encoder(self.words)})
        self.placing = 0 if begin else PLACING
        self.rate = RATE / 1.5 if begin else RATE
        if begin:
            self.nets["unet"].load_state_dict(UNet2DConditionModel.from_pretrained(begin / "unet").state_dict())
            self.nets["text"].load_state_dict(CLIPTextModel.from_pretrained(begin / "text_encoder").state_dict())
        self.nets["unet"].to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # a seventh faster on a CPU
        self.average = copy.deepcopy(self.nets).requires_grad_(False)
        hidden = [weight for name, weight in self.nets.named_parameters() if _is_hidden(name, weight)]
        chosen = {id(weight) for weight in hidden}
        others = [weight for weight in self.nets.parameters() if id(weight) not in chosen]
        adam = torch.optim.AdamW(others, lr=self.rate, betas=(0.9, 0.99), weight_decay=0.01)
        self.optimizers = (Muon(hidden, self.rate), adam)
        self.done, self.path = 0, work / "denoiser.pt"
        self.schedule = parts.scheduler()
        self.map, self.counts = position_map(), figure_map()
        if self.path.exists():
            state = torch.load(self.path, weights_only=True)
            self.nets.load_state_dict(state["nets"])
            self.average.load_state_dict(state["average"])
            for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
                optimizer.load_state_dict(saved)
            self.done = state["done"]

    def save(self) -> None:
        state = {"nets": self.nets.state_dict(), "average": self.average.state_dict(), "done": self.done}
        save_state(self.path, state | {"optimizers": [optimizer.state_dict() for optimizer in self.optimizers]})

    def step(self, latents: torch.Tensor, ids: torch.Tensor) -> float:
        torch.manual_seed(self.done)
        latents = latents.contiguous(memory_format=torch.channels_last)
        noise = torch.randn_like(latents)
        count = len(latents)
        share = (torch.arange(count) + torch.rand(count)) / count  # evenly spread: a calmer gradient
        times = ((1 - share**2) * 1000).long().clamp(max=999)  # more often early times, where the picture is decided
        noisy = self.schedule.add_noise(latents, noise, times)
        guess = self.nets["unet"](noisy, times, self.nets["text"](ids)[0]).sample
        target = self.schedule.get_velocity(latents, noise, times)
        if self.done < self.placing:
            target = self.map.expand_as(guess)
        loss = mse_loss(guess, target)
        (self.counts * (guess - target) ** 2).mean().backward()
        torch.nn.utils.clip_grad_norm_(self.nets.parameters(), 1.0)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(self.done, self.steps, self.rate)
            optimizer.step()
            optimizer.zero_grad()
        keep = min(0.998, (1 + self.done) / (10 + self.done))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.nets.parameters()), 1 - keep)
        self.done += 1
        return float(loss)

    def painter(self, vae: AutoencoderTiny) -> StableDiffusionPipeline:
        nets = self.average.eval()
        made = parts.pipeline(vae, nets["unet"], nets["text"], self.words)
        made.set_progress_bar_config(disable=True)
        return made
