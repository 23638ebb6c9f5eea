"""What differs between multimodal architectures, as data: how a picture is written, and where the layers are.

An architecture not listed here joins with one line, if its processor expands a picture's marker into visual tokens
and its language model is a stack of decoder layers.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.errors import UserError

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel


@dataclass(frozen=True)
class Adapter:
    """`picture`: what stands for an image in a text; `closing`: the token that ends it once the processor has put
    visual tokens in; `language`: the language model's name within the base model."""

    picture: str
    closing: str
    language: str

    def stack(self, base: "PreTrainedModel") -> Any:
        """The language model: `layers`, `norm`, `embed_tokens`."""
        return getattr(base, self.language)


QWEN = Adapter("<|vision_start|><|image_pad|><|vision_end|>", "<|vision_end|>", "language_model")
ADAPTERS = {
    "idefics3": Adapter("<image>", "<fake_token_around_image>", "text_model"),
    "smolvlm": Adapter("<image>", "<fake_token_around_image>", "text_model"),
    "llava": Adapter("<image>", "<image>", "language_model"),
    "llava_next": Adapter("<image>", "<image>", "language_model"),
    "qwen2_vl": QWEN,
    "qwen2_5_vl": QWEN,
    "qwen3_vl": QWEN,
}


def adapter_for(config: "PretrainedConfig") -> Adapter:
    """Raises `UserError` for an architecture that nobody has described yet."""
    kind = config.model_type
    if kind not in ADAPTERS:
        raise UserError(
            f"Demonstrations cannot be fused with a {kind!r} model yet.", f"Choose one of: {', '.join(ADAPTERS)}."
        )
    return ADAPTERS[kind]


def cut(config: "PretrainedConfig", layers: int) -> None:
    """Make `config` describe a model of the first `layers` language layers only."""
    text: Any = config.get_text_config()
    text.num_hidden_layers = layers
    kinds = getattr(text, "layer_types", None)
    if kinds is not None:
        text.layer_types = kinds[:layers]


def load_processor(folder: Path) -> Any:
    """The model's processor: of pictures and words alone where its processor of videos wants what is not installed.

    Raises `UserError` with the cure for one that wants a missing library even so.
    """
    from transformers import AutoProcessor

    load: Any = AutoProcessor.from_pretrained
    try:
        return load(folder)
    except ImportError as error:
        kind = _without_videos(folder)
        if kind is not None:
            return kind.from_pretrained(folder)
        why = str(error).strip().splitlines()[0].partition(" but it was not")[0]
        raise UserError(
            f"The processor of {folder.name} cannot be loaded: {why}.",
            "Install that library; torchvision in the build of the torch that is installed (https://pytorch.org).",
        ) from error


def _without_videos(folder: Path) -> Any:
    """Its processor's class, asking for no processor of videos; None where that is not what it lacks.

    SmolVLM writes pictures as Idefics3 does, and needs a library more to write down the times of a video.
    """
    from transformers import AutoConfig, Idefics3Processor
    from transformers.models.auto.processing_auto import PROCESSOR_MAPPING

    config = AutoConfig.from_pretrained(folder)
    if config.model_type == "smolvlm":
        return Idefics3Processor
    kind: Any = PROCESSOR_MAPPING[type(config)]
    attributes = [name for name in kind.get_attributes() if name != "video_processor"]
    if attributes == kind.get_attributes():
        return None
    return type(kind.__name__, (kind,), {"get_attributes": classmethod(lambda _kind: attributes)})
