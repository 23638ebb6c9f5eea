"""The reader's network: the embedder's lower layers over question and passage apart, three trained layers over both
together (DeFormer, Cao et al., 2020, arXiv 2005.00697), and two numbers a token.

A span scores the start of its first token and the end of its last, less both of the question's [CLS], which stands for
"not here" (Devlin et al., 2019, arXiv 1810.04805, section 4.3). What is trained is kept in half precision; the lower
layers are the embedder's own, and are not kept again.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.answering.reader.inputs import TYPES, Pair
from common.kept import Kept

if TYPE_CHECKING:
    from torch import Tensor

    from retrievers.embedders.bert import Bert

LOWER = 3  # of the six layers
KEPT = 1024  # passages whose states after these are kept, for other questions: some 50 kB each


class Network:
    """`base` is not trained. The rest is in float32 until `restore`."""

    def __init__(self, base: "Bert") -> None:
        import torch

        from retrievers.embedders.bert import Encoder

        self._base = base
        self.upper = Encoder(base.size, base.size.num_hidden_layers - LOWER)
        self.types = torch.nn.Embedding(TYPES, base.size.hidden_size)
        self.head = torch.nn.Linear(base.size.hidden_size, 2)
        self._read: Kept[tuple[int, ...], Tensor] = Kept(KEPT)
        self.calibration = torch.tensor([1.0, 0.0])  # slope and intercept: from a span's score to log-odds

    def begin(self) -> None:
        """As training begins: the upper layers are those of the base, and types make no difference."""
        self.types.weight.data.zero_()
        for mine, theirs in zip(self.upper.layer, self._base.encoder.layer[LOWER:], strict=True):
            mine.load_state_dict(theirs.state_dict())

    def __call__(self, pairs: Sequence[Pair]) -> "list[Tensor]":
        """For every pair [1 + passage tokens, 2]: of "not here" and of the passage's tokens, as start and as end."""
        import torch
        from torch.nn.utils.rnn import pad_sequence

        questions = list(dict.fromkeys(pair.question for pair in pairs))
        asked = dict(zip(questions, self._lower(questions), strict=True))
        others = self._read.of([pair.others for pair in pairs], self._lower)
        both = [torch.cat([asked[pair.question], other]) for pair, other in zip(pairs, others, strict=True)]  # [T, 384]
        states = pad_sequence(both, batch_first=True).to(self.types.weight.dtype)  # [B, T, 384]
        types = pad_sequence([torch.tensor(pair.types) for pair in pairs], batch_first=True)  # [B, T]
        read = self.upper(states + self.types(types), _mask(pairs))
        logits = self.head(read.float()).float()  # [B, T, 2]
        return [
            torch.cat([row[:1], row[pair.first : pair.first + len(pair.starts)]])
            for row, pair in zip(logits, pairs, strict=True)
        ]

    def _lower(self, rows: Sequence[tuple[int, ...]]) -> "list[Tensor]":
        """The states [T, 384] of every row of ids after the lower layers."""
        import torch

        width = max(map(len, rows))
        ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])  # [B, T]
        with torch.no_grad():
            states = self._base.embeddings(ids)  # [B, T, 384]
            for layer in self._base.encoder.layer[:LOWER]:
                states = layer(states, _mask(rows))
        return [one[: len(row)].clone() for one, row in zip(states, rows, strict=True)]

    def parts(self) -> "dict[str, Tensor]":
        """What is trained, by name."""
        modules = {"upper": self.upper, "types": self.types, "head": self.head}
        named = {f"{part}.{name}": one for part, module in modules.items() for name, one in module.state_dict().items()}
        return named | {"calibration": self.calibration}


def _mask(rows: Sequence[Any]) -> "Tensor":
    """[B, 1, 1, T]: which tokens are there to be read."""
    import torch

    lengths = torch.tensor([len(row) for row in rows])
    return (torch.arange(int(lengths.max())) < lengths[:, None])[:, None, None]


def save(network: Network, path: Path) -> None:
    from safetensors.torch import save as packed

    path.write_bytes(packed({name: weight.half().contiguous() for name, weight in network.parts().items()}))


def restore(network: Network, path: Path, *, train: bool = False) -> None:
    """Fill `network` with what `save` wrote; unless it is to be trained, its layers count as the base does."""
    import torch
    from safetensors.torch import load_file

    kept = load_file(path)
    with torch.no_grad():
        for name, weight in network.parts().items():
            weight.copy_(kept[name])
    if not train:
        dtype = network._base.dtype
        network.upper.to(dtype).requires_grad_(False)
        network.types.to(dtype)
