"""Diffusers pipelines of the real classes, small enough to make on the spot, with random weights."""

from importlib import import_module
from pathlib import Path
from typing import Any

PAD, END = "<pad>", "<|endoftext|>"
T5_SIZE: dict[str, Any] = {"vocab_size": 300, "d_model": 32, "d_kv": 8, "d_ff": 37, "num_layers": 1, "num_heads": 4}


def diffusers() -> Any:
    return import_module("diffusers")


def transformers() -> Any:
    return import_module("transformers")


def write_pictures(folder: Path) -> Path:
    """A StableDiffusionPipeline for pictures of 64 x 64."""
    unet = diffusers().UNet2DConditionModel(
        sample_size=32,
        block_out_channels=(4, 8),
        layers_per_block=1,
        norm_num_groups=2,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=16,
        attention_head_dim=2,
    )
    pipe = diffusers().StableDiffusionPipeline(
        vae=_pictures_coder(),
        text_encoder=_clip(),
        tokenizer=_clip_tokenizer(),
        unet=unet,
        scheduler=diffusers().DDIMScheduler(steps_offset=1, clip_sample=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.save_pretrained(folder)
    return folder


def write_films(folder: Path) -> Path:
    """A WanPipeline for films of 16 x 16 and up."""
    _seed()
    transformer = diffusers().WanTransformer3DModel(
        patch_size=(1, 2, 2),
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=16,
        out_channels=16,
        text_dim=32,
        freq_dim=32,
        ffn_dim=32,
        num_layers=1,
        cross_attn_norm=True,
        qk_norm="rms_norm_across_heads",
        rope_max_seq_len=32,
    )
    coder = diffusers().AutoencoderKLWan(
        base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True]
    )
    pipe = diffusers().WanPipeline(
        tokenizer=_t5_tokenizer(),
        text_encoder=transformers().UMT5EncoderModel(transformers().UMT5Config(**T5_SIZE)).eval(),
        transformer=transformer,
        vae=coder,
        scheduler=diffusers().FlowMatchEulerDiscreteScheduler(shift=7.0),
    )
    pipe.save_pretrained(folder)
    return folder


def write_music(folder: Path) -> Path:
    """A StableAudioPipeline for 1 s of sound at 4 kHz."""
    _seed()
    pipe = diffusers().StableAudioPipeline(
        vae=diffusers().AutoencoderOobleck(
            encoder_hidden_size=6,
            downsampling_ratios=[2, 4],
            decoder_channels=3,
            decoder_input_channels=3,
            audio_channels=2,
            channel_multiples=[2, 4],
            sampling_rate=4000,
        ),
        text_encoder=transformers().T5EncoderModel(transformers().T5Config(**T5_SIZE)).eval(),
        projection_model=diffusers().StableAudioProjectionModel(
            text_encoder_dim=32, conditioning_dim=4, min_value=0, max_value=32
        ),
        tokenizer=_t5_tokenizer(),
        transformer=diffusers().StableAudioDiTModel(
            sample_size=500,
            in_channels=3,
            num_layers=1,
            attention_head_dim=4,
            num_key_value_attention_heads=2,
            out_channels=3,
            cross_attention_dim=4,
            time_proj_dim=8,
            global_states_input_dim=8,
            cross_attention_input_dim=4,
        ),
        scheduler=diffusers().EDMDPMSolverMultistepScheduler(
            solver_order=2,
            prediction_type="v_prediction",
            sigma_data=1.0,
            sigma_schedule="exponential",
        ),
    )
    pipe.save_pretrained(folder)
    return folder


def _seed() -> None:
    import torch

    torch.manual_seed(5)


def _pictures_coder() -> Any:

    _seed()
    return diffusers().AutoencoderKL(
        block_out_channels=[4, 8],
        norm_num_groups=2,
        in_channels=3,
        out_channels=3,
        down_block_types=["DownEncoderBlock2D", "DownEncoderBlock2D"],
        up_block_types=["UpDecoderBlock2D", "UpDecoderBlock2D"],
        latent_channels=4,
        sample_size=64,
    )


def _clip() -> Any:

    config = transformers().CLIPTextConfig(
        vocab_size=300,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=32,
        bos_token_id=256,
        eos_token_id=257,
        pad_token_id=257,
    )
    return transformers().CLIPTextModel(config).eval()


def _clip_tokenizer() -> Any:
    from tokenizers.pre_tokenizers import ByteLevel

    letters = sorted(ByteLevel.alphabet())
    vocabulary = {letter: number for number, letter in enumerate(letters)} | {"<|startoftext|>": 256, END: 257}
    return transformers().CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=32)


def _t5_tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from tokenizers.pre_tokenizers import ByteLevel

    letters = sorted(ByteLevel.alphabet())
    vocabulary = {letter: number for number, letter in enumerate(letters)} | {PAD: 256, END: 257}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return transformers().PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PAD, eos_token=END, model_max_length=32
    )
