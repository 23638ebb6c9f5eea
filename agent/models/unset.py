"""`extractive`: no language model is set, so nobody writes. Whoever asks one all the same is told so."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk

from agent.models.replies.streamed import StreamedChatModel
from common.errors import ModelUnavailable

if TYPE_CHECKING:
    from agent.settings import Settings


def load(spec: str, settings: "Settings") -> "UnsetModel":
    return UnsetModel()


class UnsetModel(StreamedChatModel):
    """Raises `ModelUnavailable` whatever it is asked, like a model that is down."""

    @property
    def _llm_type(self) -> str:
        return "unset"

    def calls_tools(self) -> bool:
        return False

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> NoReturn:
        raise _unset()

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        raise _unset()


def _unset() -> ModelUnavailable:
    return ModelUnavailable("No language model is set.", command="Set TRIPTYCH_MODEL.")
