"""Painters of the real size with random weights: for measuring speed where no weights can be had.

Built from configs as the hub has them, once, into a folder. Random weights paint noise, and a GPU may draw a little
more power for it; what they cannot show is quality. Sizes: Z-Image 6.155 billion numbers, FLUX.2-klein-4B 3.876.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.tiny_pipelines import chat_tokenizer, save_klein, save_z_image

import torch  # isort: skip - after tiny_pipelines, which imports it quietly
from diffusers import (  # isort: skip
    AutoencoderKL,
    AutoencoderKLFlux2,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
    FlowMatchEulerDiscreteScheduler,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from transformers import Qwen3Config, Qwen3ForCausalLM, Qwen3Model  # isort: skip

SPREAD = 0.02
_QWEN3_4B = {
    "hidden_size": 2560,
    "intermediate_size": 9728,
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "vocab_size": 151_936,
    "max_position_embeddings": 40_960,
}


def painter_folder(name: str, place: Path, *, tiny: bool, device: str) -> Path:
    """The folder of the painter `name`, "Z-Image-Turbo" or "FLUX.2-klein-4B", built if it is not there yet."""
    folder = place / ("tiny" if tiny else "real") / name
    if not (folder / "model_index.json").is_file():
        if tiny:
            (save_z_image if name.startswith("Z") else save_klein)(folder)
        else:
            pipeline = _z_image(device) if name.startswith("Z") else _klein(device)
            pipeline.save_pretrained(folder, max_shard_size="5GB")
    return folder


def _z_image(device: str) -> Any:
    return ZImagePipeline(
        transformer=_random(device, lambda: ZImageTransformer2DModel(cap_feat_dim=2560, axes_lens=[1536, 512, 512])),
        vae=_random(
            device,
            lambda: AutoencoderKL(
                block_out_channels=(128, 256, 512, 512),
                down_block_types=("DownEncoderBlock2D",) * 4,
                up_block_types=("UpDecoderBlock2D",) * 4,
                layers_per_block=2,
                latent_channels=16,
                scaling_factor=0.3611,
                shift_factor=0.1159,
                use_quant_conv=False,
                use_post_quant_conv=False,
            ),
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        text_encoder=_random(device, lambda: Qwen3Model(Qwen3Config(**_QWEN3_4B))),
        tokenizer=chat_tokenizer(),
    )


def _klein(device: str) -> Any:
    return Flux2KleinPipeline(
        transformer=_random(
            device,
            lambda: Flux2Transformer2DModel(
                in_channels=128,
                num_layers=5,
                num_single_layers=20,
                num_attention_heads=24,
                joint_attention_dim=7680,
                guidance_embeds=False,
            ),
        ),
        vae=_random(device, AutoencoderKLFlux2),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        text_encoder=_random(device, lambda: Qwen3ForCausalLM(Qwen3Config(**_QWEN3_4B))),
        tokenizer=chat_tokenizer(),
        is_distilled=True,
    )


def _random(device: str, build: Any) -> Any:
    """A part as it is born, in bfloat16, built on the device, where drawing billions of numbers takes seconds."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device(device):
            part = build()
        with torch.no_grad():
            for name, parameter in part.named_parameters():
                if "pad_token" in name:  # born without a value
                    parameter.normal_(0.0, SPREAD)
        return part.to("cpu")
    finally:
        torch.set_default_dtype(before)
