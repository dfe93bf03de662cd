"""The parts of the painter, all of them stock classes: latent codec, denoiser, text encoder, scheduler.

The encoder of the codec is not learned: strided convolutions fold 8x8 pixels into one place, and the main
components of such patches are kept. Knows no captions and no training.
"""

from __future__ import annotations

import numpy as np
import torch
from diffusers import AutoencoderTiny, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast

SIZE = 128
PATCH = 8
CHANNELS = 8
WORDS = 48  # tokens of a prompt, after everything unknown is dropped


def codec() -> AutoencoderTiny:
    """The codec with its weights as they come; `fold` sets the encoder."""
    return AutoencoderTiny(
        encoder_block_out_channels=(48,) * 4,
        decoder_block_out_channels=(48,) * 4,
        num_encoder_blocks=(0, 0, 0, 0),
        num_decoder_blocks=(4, 2, 1, 0),
        latent_channels=CHANNELS,
        scaling_factor=1.0,
    )


@torch.no_grad()
def fold(vae: AutoencoderTiny, pictures: np.ndarray) -> None:
    """Set the encoder by hand, so that it keeps the main components of the 8x8 patches of these pictures (uint8)."""
    count, side = len(pictures), pictures.shape[1] // PATCH
    patches = pictures.reshape(count, side, PATCH, side, PATCH, 3).transpose(0, 1, 3, 2, 4, 5)
    flat = patches.reshape(-1, PATCH * PATCH * 3).astype(np.float64) / 255
    mean = flat.mean(0)
    centred = flat - mean
    variance, axes = np.linalg.eigh(centred.T @ centred / len(flat))
    order = np.argsort(variance)[::-1][:CHANNELS]
    spread = np.sqrt(variance[order])
    # Strong components are damped and faint ones lifted, half way to equal strength, so that none drowns in noise.
    weight = axes[:, order] / np.sqrt(spread)
    weight /= np.sqrt(np.mean((centred @ weight) ** 2))
    first, second, third, fourth, last = (m for m in vae.encoder.layers if isinstance(m, torch.nn.Conv2d))
    for conv in (first, second, third, fourth, last):
        conv.weight.zero_()
        if conv.bias is not None:
            conv.bias.zero_()
    for colour in range(3):
        first.weight[colour, colour, 1, 1] = 1
    for conv, channels in ((second, 3), (third, 12)):  # 2x2 places become four times the channels
        for channel in range(channels):
            for y in range(2):
                for x in range(2):
                    conv.weight[(y * 2 + x) * channels + channel, channel, 1 + y, 1 + x] = 1
    table = torch.from_numpy(weight.reshape(PATCH, PATCH, 3, CHANNELS))
    for py in range(PATCH):
        for px in range(PATCH):
            for colour in range(3):
                inner = ((py // 2 % 2) * 2 + px // 2 % 2) * 12 + ((py % 2) * 2 + px % 2) * 3 + colour
                fourth.weight[:CHANNELS, inner, 1 + py // 4, 1 + px // 4] = table[py, px, colour].float()
    for channel in range(CHANNELS):
        last.weight[channel, channel, 1, 1] = 1
    assert last.bias is not None  # noqa: S101 - for the type checker
    last.bias.copy_(torch.from_numpy(-(mean @ weight)).float())


def denoiser() -> UNet2DConditionModel:
    """Three levels, 16x16 to 4x4. The whole prompt also joins the time embedding, so that every block hears it."""
    return UNet2DConditionModel(
        sample_size=SIZE // PATCH,
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        block_out_channels=(96, 96, 96),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        attention_head_dim=32,
        cross_attention_dim=128,
        norm_num_groups=16,
        resnet_time_scale_shift="scale_shift",
        time_embedding_dim=192,
        addition_embed_type="text",
        addition_embed_type_num_heads=4,
    )


def text_encoder(tokenizer: PreTrainedTokenizerFast) -> CLIPTextModel:
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=384,
        projection_dim=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=WORDS,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    encoder = CLIPTextModel(config)
    torch.nn.init.normal_(encoder.get_input_embeddings().weight)  # words that differ from the start are learned sooner
    return encoder


def scheduler() -> DDIMScheduler:
    return DDIMScheduler(
        prediction_type="v_prediction",
        beta_schedule="scaled_linear",
        beta_start=0.00085,
        beta_end=0.012,
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        clip_sample=False,
    )


def pipeline(
    vae: AutoencoderTiny, unet: UNet2DConditionModel, text: CLIPTextModel, tokenizer: PreTrainedTokenizerFast
) -> StableDiffusionPipeline:
    return StableDiffusionPipeline(
        vae=vae,
        text_encoder=text,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
