"""Real diffusers pipelines in miniature: the classes of the large painters with a few random weights.

Built from configs, without a download. Importing this file imports torch, so only the painter's tests do.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what foreign packages say of each other while they are imported
    import torch
    from diffusers import (
        AutoencoderKL,
        AutoencoderKLFlux2,
        DDIMScheduler,
        EulerDiscreteScheduler,
        FlowMatchEulerDiscreteScheduler,
        Flux2KleinPipeline,
        Flux2Transformer2DModel,
        StableDiffusionPipeline,
        StableDiffusionXLPipeline,
        UNet2DConditionModel,
        ZImagePipeline,
        ZImageTransformer2DModel,
    )
    from peft import LoraConfig, get_peft_model_state_dict
    from safetensors.torch import save_file
    from tokenizers import pre_tokenizers
    from transformers import (
        CLIPTextConfig,
        CLIPTextModel,
        CLIPTextModelWithProjection,
        CLIPTokenizer,
        Qwen2Tokenizer,
        Qwen3Config,
        Qwen3ForCausalLM,
        Qwen3Model,
    )

CHAT = (
    "{%- for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{%- endfor %}"
    "{%- if add_generation_prompt %}<|im_start|>assistant\n{%- endif %}"
)


def save_z_image(folder: Path, *, blank: bool = False) -> Path:
    """A Z-Image pipeline in `folder`: the class and the call of the default painter. `blank`: it paints grey."""
    torch.manual_seed(0)
    tokenizer = chat_tokenizer()
    text_encoder = Qwen3Model(
        Qwen3Config(
            hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2,
            vocab_size=len(tokenizer), max_position_embeddings=512, head_dim=8,
        )
    )  # fmt: skip
    transformer = ZImageTransformer2DModel(
        all_patch_size=(2,), all_f_patch_size=(1,), in_channels=16, dim=32, n_layers=2, n_refiner_layers=1, n_heads=2,
        n_kv_heads=2, norm_eps=1e-5, qk_norm=True, cap_feat_dim=16, rope_theta=256.0, t_scale=1000.0,
        axes_dims=[8, 4, 4], axes_lens=[1024, 128, 128],
    )  # fmt: skip
    for name, parameter in transformer.named_parameters():
        if "pad_token" in name:
            torch.nn.init.zeros_(parameter)
    vae = AutoencoderKL(
        in_channels=3, out_channels=3, down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2, block_out_channels=[32, 64], layers_per_block=1, latent_channels=16,
        norm_num_groups=32, sample_size=32, scaling_factor=0.3611, shift_factor=0.1159,
    )  # fmt: skip
    if blank:
        for parameter in vae.decoder.conv_out.parameters():
            torch.nn.init.zeros_(parameter)
    pipeline = ZImagePipeline(
        transformer=transformer,
        vae=vae,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        text_encoder=text_encoder,
        tokenizer=tokenizer,
    )
    pipeline.save_pretrained(folder)
    return folder


def save_klein(folder: Path) -> Path:
    """A FLUX.2-klein pipeline: the class of the painter that is shown references."""
    torch.manual_seed(0)
    tokenizer = chat_tokenizer()
    text_encoder = Qwen3ForCausalLM(
        Qwen3Config(
            hidden_size=8, intermediate_size=8, num_hidden_layers=28, num_attention_heads=2, num_key_value_heads=2,
            vocab_size=len(tokenizer), max_position_embeddings=1024, head_dim=4,
        )
    )  # fmt: skip
    transformer = Flux2Transformer2DModel(
        patch_size=1, in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=24, timestep_guidance_channels=16, axes_dims_rope=(4, 4, 4, 4), guidance_embeds=False,
    )  # fmt: skip
    vae = AutoencoderKLFlux2(
        block_out_channels=(8, 16), down_block_types=("DownEncoderBlock2D",) * 2, layers_per_block=1,
        up_block_types=("UpDecoderBlock2D",) * 2, latent_channels=4, norm_num_groups=4, sample_size=32,
    )  # fmt: skip
    Flux2KleinPipeline(
        transformer=transformer,
        vae=vae,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        is_distilled=True,
    ).save_pretrained(folder)
    return folder


def save_stable_diffusion(folder: Path) -> Path:
    """A Stable Diffusion pipeline: a UNet, and a CLIP that reads 77 tokens."""
    torch.manual_seed(0)
    tokenizer = _clip_tokenizer()
    StableDiffusionPipeline(
        vae=_clip_vae(),
        text_encoder=CLIPTextModel(_clip_config(tokenizer)),
        tokenizer=tokenizer,
        unet=UNet2DConditionModel(cross_attention_dim=32, **_UNET),
        scheduler=DDIMScheduler(steps_offset=1, clip_sample=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)
    return folder


def save_sdxl(folder: Path) -> Path:
    """A Stable Diffusion XL pipeline: two CLIPs, and sizes among its conditions."""
    torch.manual_seed(0)
    tokenizer = _clip_tokenizer()
    StableDiffusionXLPipeline(
        vae=_clip_vae(),
        text_encoder=CLIPTextModel(_clip_config(tokenizer)),
        text_encoder_2=CLIPTextModelWithProjection(_clip_config(tokenizer)),
        tokenizer=tokenizer,
        tokenizer_2=_clip_tokenizer(),
        unet=UNet2DConditionModel(
            cross_attention_dim=64, addition_embed_type="text_time", addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=80, **_UNET,
        ),
        scheduler=EulerDiscreteScheduler(),
    ).save_pretrained(folder)  # fmt: skip
    return folder


def save_lora(folder: Path, path: Path, seed: int, targets: tuple[str, ...] = ("to_q", "to_k", "to_v")) -> Path:
    """A LoRA made with peft on the denoiser of the Z-Image pipeline in `folder`, with weights large enough to show."""
    transformer = ZImageTransformer2DModel.from_pretrained(folder / "transformer")
    transformer.add_adapter(LoraConfig(r=4, lora_alpha=4, target_modules=list(targets)))
    generator = torch.Generator().manual_seed(seed)
    weights = {
        f"transformer.{name}": torch.randn(value.shape, generator=generator)
        for name, value in get_peft_model_state_dict(transformer).items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, path)
    return path


_UNET = {
    "sample_size": 16, "in_channels": 4, "out_channels": 4, "layers_per_block": 1, "block_out_channels": (32, 64),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"), "norm_num_groups": 8,
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
}  # fmt: skip


def chat_tokenizer() -> Any:
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Qwen2Tokenizer(vocab={letter: number for number, letter in enumerate(letters)}, merges=[])
    tokenizer.add_special_tokens({"extra_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    tokenizer.chat_template = CHAT
    return tokenizer


def _clip_tokenizer() -> Any:
    letters = [chr(code) for code in range(33, 127)]
    words = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={word: number for number, word in enumerate(words)}, merges=[], model_max_length=77)


def _clip_config(tokenizer: Any) -> Any:
    end = tokenizer.convert_tokens_to_ids("<|endoftext|>")
    return CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=2,
        max_position_embeddings=77, bos_token_id=end - 1, eos_token_id=end, pad_token_id=end, projection_dim=32,
    )  # fmt: skip


def _clip_vae() -> Any:
    return AutoencoderKL(
        in_channels=3, out_channels=3, down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2, block_out_channels=[32, 64], layers_per_block=1, latent_channels=4,
        norm_num_groups=32, sample_size=32,
    )  # fmt: skip
