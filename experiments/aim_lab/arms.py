"""The same question asked after demonstrations in six dresses: what has to be compared to believe AIM.

`raw`: images and texts in the prompt. `aim`, `identity`, `random`: fused by the trained W, by none, by noise. `text`:
the texts without their images. `zero`: no demonstrations.
"""

from collections.abc import Sequence
from dataclasses import replace

from generators.aim import prompts
from generators.aim.backbone import Answers, Backbone, Fusing, Written
from generators.aim.data import Document

ARMS = ("zero", "text", "random", "identity", "aim", "raw")


def dressed(fusing: Fusing, arm: str) -> Fusing:
    """The same with W = identity or W = random, for those arms."""
    import torch

    d = len(fusing.weight)
    if arm == "identity":
        return replace(fusing, weight=torch.eye(d))
    if arm == "random":
        noise = torch.Generator().manual_seed(0)
        return replace(fusing, weight=torch.randn(d, d, generator=noise) * d**-0.5)
    return fusing


def ask(backbone: Backbone, documents: Sequence[Document], arm: str, fusing: Fusing) -> Answers:
    """How the model answers each document's question after its demonstrations in the dress of `arm`."""
    import torch

    if arm in {"aim", "identity", "random"}:
        return backbone.answers(documents, dressed(fusing, arm))
    prompt = prompts.build(
        backbone.processor,
        [document.asked for document in documents],
        [[] for _ in documents],
        fusing.written.separator,
        [_written_out(document, arm, fusing.written) for document in documents],
    )
    return backbone.read(prompt, torch.zeros(0, backbone.width))


def accuracy(backbone: Backbone, documents: Sequence[Document], arm: str, fusing: Fusing, batch: int = 50) -> float:
    """Share of the documents whose answer greedy decoding gives, end mark included."""
    import torch

    right: list[bool] = []
    with torch.inference_mode():
        for start in range(0, len(documents), batch):
            right += ask(backbone, documents[start : start + batch], arm, fusing).right()
    return sum(right) / len(right)


def prompt_tokens(backbone: Backbone, document: Document, arm: str, fusing: Fusing) -> int:
    """Length of the prompt, without the answer."""
    silent = replace(document, asked=replace(document.asked, text=""))
    rooms: list[int] = []
    shown: list[prompts.Shown] = []
    if arm in {"aim", "identity", "random"}:
        _, [rooms] = backbone.states([silent], fusing.layers, fusing.written.template)
    else:
        shown = _written_out(silent, arm, fusing.written)
    prompt = prompts.build(backbone.processor, [silent.asked], [rooms], fusing.written.separator, [shown])
    return int(prompt.inputs["attention_mask"].sum())


def _written_out(document: Document, arm: str, written: Written) -> list[prompts.Shown]:
    if arm == "zero":
        return []
    return [
        prompts.Shown(shown.words(written.template), shown.image if arm == "raw" else None)
        for shown in document.demonstrations
    ]
