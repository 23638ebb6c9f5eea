"""`hf:<repo or folder>`: an open-weights model in this process, through transformers. It may see pictures.

Only safetensors weights are read, and no code that comes with a model is ever run.
"""

import base64
import io
import threading
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from pydantic import PrivateAttr

from agent.models.abilities import Abilities
from agent.models.replies.bounds import CUT, Abandoned, Bounds, abandoned
from agent.models.replies.loops import LOOPED, Loop
from agent.models.replies.streamed import StreamedChatModel
from agent.models.replies.truth import ANOTHER, LIKELIEST, share_of_true
from common.errors import ModelUnavailable, UserError
from common.threads import in_thread

if TYPE_CHECKING:
    from agent.settings import Settings

SLOW = "Set TRIPTYCH_JUDGED lower, or TRIPTYCH_MODEL_TIMEOUT higher."
ROLES = {"system": "system", "human": "user", "ai": "assistant"}


def load(spec: str, settings: "Settings") -> "LocalModel":
    """Weights into memory, downloaded first when they are a repository's. Raises `UserError` when that fails."""
    from transformers import (
        AutoConfig,
        AutoModelForCausalLM,
        AutoModelForImageTextToText,
        AutoProcessor,
        AutoTokenizer,
    )
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING

    source = spec.removeprefix("hf:")
    try:
        config = AutoConfig.from_pretrained(source, trust_remote_code=False)
        sees = type(config) in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
        reader = (AutoProcessor if sees else AutoTokenizer).from_pretrained(source, trust_remote_code=False)
        network = (AutoModelForImageTextToText if sees else AutoModelForCausalLM).from_pretrained(
            source, dtype="auto", device_map="auto", use_safetensors=True, trust_remote_code=False
        )
    except (OSError, ValueError) as error:  # both are how transformers says that a model cannot be had
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        cure = "Name a folder with config.json and safetensors weights, or a Hugging Face repository you can reach."
        raise UserError(f"The model {source!r} cannot be loaded: {reason}", cure) from error
    bounds = Bounds(settings.model_tokens, settings.model_total_timeout)
    return LocalModel(
        source=source, network=network, reader=reader, sees=sees, patience=settings.model_timeout, bounds=bounds
    )


class LocalModel(StreamedChatModel):
    """Greedy decoding, streamed word by word."""

    source: str
    network: Any
    reader: Any
    """A processor when the model `sees`, else a tokenizer."""
    sees: bool
    patience: float
    """Seconds to wait for one's turn to ask what is true."""
    bounds: Bounds
    _turn: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    @property
    def _llm_type(self) -> str:
        return "hf"

    @property
    def abilities(self) -> Abilities:
        return Abilities(
            tools=False,
            schema=False,
            images=self.sees,
            logprobs=True,
            context=self.network.config.get_text_config().max_position_embeddings,
            parameters=self.network.num_parameters(),
        )

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        """Generated in a thread, which ends at its next token once nobody listens any more or a bound is reached."""
        from transformers import StoppingCriteriaList, TextIteratorStreamer

        inputs = self._inputs(messages)
        tokenizer = self._tokenizer
        streamer = TextIteratorStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True)
        unheard = threading.Event()
        cut: list[str] = []
        most = inputs["input_ids"].shape[1] + self.bounds.tokens
        ends = time.monotonic() + self.bounds.seconds
        loop = Loop()

        def stops(written: Any, scores: Any, **_: Any) -> bool:
            if time.monotonic() >= ends:
                cut.append(self.bounds.after_seconds)
            elif written.shape[1] >= most and written[0, -1].item() not in self._endings:
                cut.append(self.bounds.after_tokens)
            return bool(cut) or unheard.is_set() or abandoned()

        def generate() -> None:
            try:
                self.network.generate(
                    **inputs,
                    streamer=streamer,
                    stopping_criteria=StoppingCriteriaList([stops]),
                    stop_strings=stop,
                    tokenizer=tokenizer,
                    do_sample=False,
                    max_new_tokens=self.bounds.tokens,
                    **kwargs,
                )
            finally:
                streamer.text_queue.put(streamer.stop_signal)

        generated = in_thread(generate)
        try:
            for text in filter(None, streamer):
                chunk = ChatGenerationChunk(message=AIMessageChunk(content=text))
                if run_manager:
                    run_manager.on_llm_new_token(text, chunk=chunk)
                yield chunk
                if loop.goes_on(text):
                    cut.append(LOOPED)
                    break
        finally:
            unheard.set()
        if not cut:
            generated.result()
        if abandoned():
            raise Abandoned
        metadata = {CUT: cut[0]} if cut else {}
        yield ChatGenerationChunk(message=AIMessageChunk(content="", response_metadata=metadata, chunk_position="last"))

    def p_true(self, messages: list[BaseMessage]) -> float:
        """See `TellsTrue`: one forward pass. One at a time, since each fills the memory that an answer takes."""
        if not self._turn.acquire(timeout=self.patience):
            raise ModelUnavailable(f"The model {self.source} was busy for {self.patience:g} s.", command=SLOW)
        try:
            written = self.network.generate(
                **self._inputs(messages),
                do_sample=False,
                max_new_tokens=1,
                output_logits=True,
                return_dict_in_generate=True,
            )
        finally:
            self._turn.release()
        likeliest = written.logits[0][0].float().log_softmax(-1).topk(LIKELIEST)  # of [vocabulary]
        tokens = [self._tokenizer.decode([token]) for token in likeliest.indices.tolist()]
        chance = share_of_true(zip(tokens, likeliest.values.tolist(), strict=True))
        if chance is None:
            raise ModelUnavailable(f"The model {self.source} said neither True nor False, but {tokens[0]!r}.", ANOTHER)
        return chance

    @property
    def _endings(self) -> set[int]:
        """The tokens that end a reply."""
        found = self.network.generation_config.eos_token_id
        return set(found) if isinstance(found, list) else {found}

    @property
    def _tokenizer(self) -> Any:
        return self.reader.tokenizer if self.sees else self.reader

    def _inputs(self, messages: Sequence[BaseMessage]) -> Any:
        """The model's tensors, on its device. Raises `ModelUnavailable` for what does not fit the model."""
        turns = [{"role": ROLES[message.type], "content": self._content(message)} for message in messages]
        inputs = self.reader.apply_chat_template(
            turns, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
        )
        length = inputs["input_ids"].shape[1]
        most = self.network.config.get_text_config().max_position_embeddings
        if length >= most:
            what = f"The question with its sources is {length} tokens long, and {self.source} reads {most}."
            raise ModelUnavailable(what, command="Set TRIPTYCH_TOP_K or TRIPTYCH_MODEL_IMAGES lower.")
        return inputs.to(self.network.device)

    def _content(self, message: BaseMessage) -> Any:
        """Content parts for a processor, plain text for a tokenizer. Raises `ModelUnavailable` at pictures for one."""
        parts = [{"type": "text", "text": message.content}] if isinstance(message.content, str) else message.content
        if self.sees:
            return [self._without_special_tokens(_part(part)) for part in parts]
        if any(_part(part)["type"] == "image" for part in parts):
            raise ModelUnavailable(f"The model {self.source} sees no pictures.", command="Set TRIPTYCH_MODEL_IMAGES=0.")
        return self._without_special_tokens({"type": "text", "text": message.text})["text"]

    def _without_special_tokens(self, part: dict[str, Any]) -> dict[str, Any]:
        """A part in whose text nothing is read as a special token: those are the chat template's to write."""
        special = [one.content for one in self._tokenizer.added_tokens_decoder.values() if one.special]
        text = part.get("text", "")
        for token in sorted(special, key=len, reverse=True):
            text = text.replace(token, f"{token[0]} {token[1:]}")
        return part | {"text": text} if "text" in part else part


def _part(part: Any) -> dict[str, Any]:
    """LangChain's content part as transformers' one. Pictures come as data URLs."""
    from PIL import Image

    if isinstance(part, str):
        return {"type": "text", "text": part}
    if part["type"] == "text":
        return {"type": "text", "text": part["text"]}
    _, _, data = part["image_url"]["url"].partition("base64,")
    return {"type": "image", "image": Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")}
