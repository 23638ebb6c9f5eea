"""Speech models of the real classes, small enough to make on the spot, with random weights."""

import json
import string
from importlib import import_module
from pathlib import Path
from typing import Any


def write_vits(folder: Path) -> Path:
    """A VitsModel that turns letters into noise at 16 kHz."""
    import torch
    from transformers import VitsConfig, VitsModel, VitsTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    letters = ["<pad>", "<unk>", *string.ascii_lowercase, *" .,!?'-"]
    vocabulary = folder / "vocab.json"
    vocabulary.write_text(json.dumps({letter: number for number, letter in enumerate(letters)}))
    tokenizer = VitsTokenizer(str(vocabulary), phonemize=False)
    config = VitsConfig(
        vocab_size=len(letters),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        ffn_dim=32,
        flow_size=16,
        spectrogram_bins=9,
        upsample_initial_channel=16,
        upsample_rates=(8, 8),
        upsample_kernel_sizes=(16, 16),
        resblock_kernel_sizes=(3,),
        resblock_dilation_sizes=((1,),),
        prior_encoder_num_flows=1,
        prior_encoder_num_wavenet_layers=1,
        posterior_encoder_num_wavenet_layers=1,
        duration_predictor_num_flows=1,
        duration_predictor_filter_channels=16,
        use_stochastic_duration_prediction=False,
    )
    torch.manual_seed(3)
    VitsModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def write_whisper(folder: Path) -> Path:
    """A WhisperForConditionalGeneration that writes letters."""
    import torch
    from tokenizers.pre_tokenizers import ByteLevel

    transformers: Any = import_module("transformers")
    letters = sorted(ByteLevel.alphabet())
    vocabulary = {letter: number for number, letter in enumerate(letters)} | {
        "<|endoftext|>": 256,
        "<|startoftranscript|>": 257,
    }
    tokenizer = transformers.WhisperTokenizer(vocab=vocabulary, merges=[])
    config = transformers.WhisperConfig(
        vocab_size=260,
        d_model=32,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        max_target_positions=32,
        num_mel_bins=80,
        pad_token_id=256,
        bos_token_id=256,
        eos_token_id=256,
        decoder_start_token_id=257,
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )
    torch.manual_seed(3)
    model = transformers.WhisperForConditionalGeneration(config)
    others = [number for letter, number in vocabulary.items() if letter not in string.ascii_letters]
    model.generation_config = transformers.GenerationConfig(
        max_new_tokens=12,
        decoder_start_token_id=257,
        eos_token_id=256,
        pad_token_id=256,
        suppress_tokens=[*others, 258, 259],
    )
    model.save_pretrained(folder)
    transformers.WhisperProcessor(transformers.WhisperFeatureExtractor(), tokenizer).save_pretrained(folder)
    return folder
