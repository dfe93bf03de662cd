"""Train the painter, from nothing to a folder that any diffusers program can load.

    python -m examples.painter.train --work DIR              draw, train, save; run again, it goes on where it stopped
    python -m examples.painter.train --work DIR --only save  just write the model as it stands

Four steps: draw the pictures, turn their captions into tokens, train the decoder of the latents, train the
denoiser with its text encoder. Everything unfinished lies in DIR; contact sheets and the loss appear there too.
"""

from __future__ import annotations

import argparse
import copy
import csv
import json
import math
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderTiny, StableDiffusionPipeline
from PIL import Image
from torch.nn.functional import l1_loss

from examples.painter import album, parts
from examples.painter.captions import caption
from examples.painter.denoising import Denoising, learning_rate, save_state
from examples.painter.draw import sheet
from examples.painter.words import tokenizer

MODEL = Path(__file__).parent / "model"
WAYS = 3  # captions per picture
DECODER_STEPS, DECODER_BATCH, CROP = 3_200, 16, 8
STEPS, BATCH = 2_050, 16
EMPTY = 0.1  # share of captions that are left out, for guidance
SHEET_EVERY, SAVE_EVERY = 400, 100
SHOWN = (Path(__file__).parent / "shown.txt").read_text(encoding="utf-8").splitlines()


def batches(count: int, size: int, seed: int, start: int) -> Iterator[np.ndarray[Any, Any]]:
    """Endless picks without repetition within a round, the same for the same seed, going on at step `start`."""
    per_round = count // size
    step = start
    while True:
        order = np.random.default_rng((seed, step // per_round)).permutation(count)
        for k in range(step % per_round, per_round):
            yield order[k * size : (k + 1) * size]
            step += 1


def write_tokens(book: album.Album, work: Path) -> np.ndarray[Any, Any]:
    """Every picture's captions as token ids: pictures x ways x length."""
    path = work / "tokens.npy"
    if path.exists():
        return np.asarray(np.load(path))
    words, rows = tokenizer(parts.WORDS), []
    for start in range(0, album.COUNT, 1000):
        texts = []
        for number in album.numbers()[start : start + 1000]:
            rng = random.Random(f"words {number}")
            label = album.label_of(number)
            texts += [caption(label, rng) for _ in range(WAYS)]
        ids = words(texts, padding="max_length", truncation=True, max_length=parts.WORDS).input_ids
        rows.append(np.asarray(ids, np.int16).reshape(-1, WAYS, parts.WORDS))
        print(f"captions {start + 1000} of {album.COUNT}", flush=True)
    tokens = np.concatenate(rows)
    np.save(path, tokens)
    return tokens


# -- decoder -----------------------------------------------------------------------------------------


def train_decoder(book: album.Album, work: Path) -> AutoencoderTiny:
    vae, path = book.codec(), work / "decoder.pt"
    optimizer = torch.optim.AdamW(vae.decoder.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.01)
    done = 0
    if path.exists():
        state = torch.load(path, weights_only=True)
        vae.load_state_dict(state["vae"])
        optimizer.load_state_dict(state["optimizer"])
        done = state["done"]
    started = time.time()
    picks = batches(album.KEPT, DECODER_BATCH, 1, done)
    for step in range(done, DECODER_STEPS):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, DECODER_STEPS, 1.5e-3)
        loss = _decoder_step(vae, optimizer, book, next(picks), step)
        if step % 20 == 0:
            print(f"decoder {step} of {DECODER_STEPS}: loss {loss:.4f}, {time.time() - started:.0f} s", flush=True)
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == DECODER_STEPS:
            save_state(path, {"vae": vae.state_dict(), "optimizer": optimizer.state_dict(), "done": step + 1})
            _show_decoder(vae, book, work / "decoder.png")
    return vae


def _decoder_step(
    vae: AutoencoderTiny, optimizer: torch.optim.Optimizer, book: album.Album, pick: np.ndarray[Any, Any], step: int
) -> float:
    """One step on crops; the latents are shaken a little, so that the decoder forgives a denoiser's small errors."""
    torch.manual_seed(step)
    side = parts.SIZE // parts.PATCH
    whole = step % 8 == 0  # now and then the borders too
    pick = pick[: DECODER_BATCH // 4] if whole else pick
    crop = side if whole else CROP
    y, x = (int(v) for v in torch.randint(0, side - crop + 1, (2,)))
    latents = torch.from_numpy(book.latents[pick][:, :, y : y + crop, x : x + crop].astype(np.float32))
    edge = parts.PATCH
    pixels = book.pictures[pick][:, y * edge : (y + crop) * edge, x * edge : (x + crop) * edge]
    target = album.as_tensor(np.asarray(pixels))
    latents = latents + torch.randn_like(latents) * torch.rand(len(pick), 1, 1, 1) * 0.12
    made = vae.decode(latents).sample
    loss = l1_loss(made, target)
    for axis in (2, 3):
        loss = loss + 0.5 * l1_loss(made.diff(dim=axis), target.diff(dim=axis))
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(vae.decoder.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    return float(loss)


@torch.no_grad()
def _show_decoder(vae: AutoencoderTiny, book: album.Album, path: Path) -> None:
    made = vae.decode(torch.from_numpy(book.latents[:6].astype(np.float32))).sample
    pixels = ((made.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
    sheet([Image.fromarray(p) for p in (*book.pictures[:6], *pixels)], 6).save(path)


# -- denoiser ---------------------------------------------------------------------------------------


def train_denoiser(
    run: Denoising, book: album.Album, work: Path, vae: AutoencoderTiny, tokens: np.ndarray[Any, Any], until: float
) -> None:
    """Steps until all are done or the clock (of time.time) passes `until`; either way the checkpoint is kept."""
    latents = np.asarray(book.latents)
    empty = torch.tensor(run.words("", padding="max_length", max_length=parts.WORDS).input_ids)
    picks = batches(album.COUNT, BATCH, 3, run.done)
    started, first, losses = time.time(), run.done, []
    while run.done < run.steps and time.time() < until:
        pick, rng = next(picks), np.random.default_rng((4, run.done))
        ids = torch.from_numpy(tokens[pick, rng.integers(0, WAYS, len(pick))].astype(np.int64))
        ids[torch.from_numpy(rng.random(len(pick)) < EMPTY)] = empty
        losses.append(run.step(torch.from_numpy(latents[pick].astype(np.float32)), ids))
        if run.done % 50 == 0:
            loss, losses = float(np.mean(losses)), []
            with (work / "loss.csv").open("a", newline="") as file:
                csv.writer(file).writerow((run.done, f"{loss:.4f}", f"{time.time() - started:.0f}"))
            pace = (time.time() - started) / (run.done - first)
            print(f"denoiser {run.done} of {run.steps}: loss {loss:.4f}, {pace:.2f} s a step", flush=True)
        if run.done % SAVE_EVERY == 0:
            run.save()
        if run.done % SHEET_EVERY == 0 or run.done == run.steps:
            contact(run.painter(vae)).save(work / f"sheet-{run.done:05d}.png")
    run.save()


def contact(painter: StableDiffusionPipeline) -> Image.Image:
    """One picture for each shown prompt, always from the same noise."""
    seeds = [torch.Generator().manual_seed(k) for k in range(len(SHOWN))]
    return sheet(painter(SHOWN, num_inference_steps=12, guidance_scale=3.0, generator=seeds).images, 4)


def save_model(run: Denoising, vae: AutoencoderTiny, folder: Path) -> None:
    """The averaged weights, kept in half precision and loaded as single unless the caller says otherwise."""
    shutil.rmtree(folder, ignore_errors=True)
    copy.deepcopy(run.painter(vae)).to(dtype=torch.float16).save_pretrained(folder, safe_serialization=True)
    _rewrite(folder / "text_encoder" / "config.json", dtype="float32")  # else one part alone would load as half
    _rewrite(folder / "vae" / "config.json", block_out_channels=None, _name_or_path=None)  # no arguments of its class


def finished_codec(book: album.Album, work: Path, begin: Path | None) -> AutoencoderTiny:
    """The codec of the model to begin with, or the one trained here."""
    if begin:
        return AutoencoderTiny.from_pretrained(begin / "vae").requires_grad_(False)
    vae = book.codec()
    vae.load_state_dict(torch.load(work / "decoder.pt", weights_only=True)["vae"])
    return vae


def _rewrite(path: Path, **changes: str | None) -> None:
    config = {**json.loads(path.read_text()), **changes}
    path.write_text(
        json.dumps({name: value for name, value in config.items() if name not in changes or value}, indent=2) + "\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the painter.")
    parser.add_argument("--work", type=Path, required=True, help="folder for everything unfinished")
    parser.add_argument("--only", choices=("album", "words", "decoder", "save"), help="stop after this step")
    parser.add_argument("--begin", type=Path, help="a finished model to begin with, instead of nothing")
    parser.add_argument("--steps", type=int, default=STEPS, help="steps of the denoiser in all")
    parser.add_argument("--minutes", type=float, help="stop drawing or painting after so long; run again to go on")
    parser.add_argument("--model", type=Path, default=MODEL, help="where the finished model goes")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    until = time.time() + 60 * args.minutes if args.minutes else math.inf
    torch.set_num_threads(args.threads)
    book = album.Album(args.work)
    if args.only == "save":
        save_model(Denoising(args.work, args.steps), finished_codec(book, args.work, args.begin), args.model)
        return
    if book.filled < album.COUNT:
        book.fill(until)
    if args.only == "album" or book.filled < album.COUNT:
        return
    tokens = write_tokens(book, args.work)
    if args.only == "words":
        return
    vae = finished_codec(book, args.work, args.begin) if args.begin else train_decoder(book, args.work)
    if args.only == "decoder":
        return
    run = Denoising(args.work, args.steps, args.begin)
    train_denoiser(run, book, args.work, vae, tokens, until)
    if run.done == run.steps:
        save_model(run, vae, args.model)


if __name__ == "__main__":
    main()
