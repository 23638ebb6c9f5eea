"""A question after demonstrations, asked of a model in this process: what `serving` asks of a server."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from generators.aim import prompts
from generators.aim.backbone import Backbone
from generators.aim.demonstrations import Demonstration
from generators.aim.fuser import Fuser
from generators.aim.states import placed

if TYPE_CHECKING:
    import torch


def answer(
    backbone: Backbone, fuser: Fuser, fused: "Sequence[torch.Tensor]", asked: Demonstration, most_tokens: int = 64
) -> str:
    """The greedy answer to `asked` (its text is not read) after F_i [T_i, d], in their order."""
    import torch

    silent = Demonstration(asked.image, "", asked.question)
    meta = fuser.projector.meta
    prompt = prompts.build(backbone.processor, [silent], [[len(rows) for rows in fused]], meta.separator)
    rows = torch.cat(list(fused)) if fused else torch.zeros(0, meta.width)
    inputs = {key: value.to(backbone.model.device) for key, value in prompt.inputs.items()}
    with torch.inference_mode(), placed(backbone.embedding, prompt.places.to(backbone.model.device), rows):
        ids = backbone.model.generate(**inputs, max_new_tokens=most_tokens, do_sample=False)
    reply = ids[0, inputs["input_ids"].shape[1] :]
    return str(backbone.processor.tokenizer.decode(reply, skip_special_tokens=True)).strip()
