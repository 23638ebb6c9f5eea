"""A corpus as the retriever of other frameworks: LlamaIndex and LangChain.

Hits keep everything that makes them citable: document, page, box, kind and why they matched.
"""

from typing import TYPE_CHECKING, Any

from retrievers.elements import Element, Hit

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever as LangChainRetriever
    from llama_index.core.base.base_retriever import BaseRetriever as LlamaIndexRetriever
    from llama_index.core.schema import TextNode

    from retrievers.library import Corpus


def metadata(element: Element) -> dict[str, Any]:
    """The element's fields without its text, and what of it only we can read."""
    return {key: value for key, value in element.payload().items() if key not in ("text", "stems", "lines", "cells")}


def to_node(element: Element) -> "TextNode":
    """The element as a LlamaIndex node, its document as the source relationship."""
    from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

    source = RelatedNodeInfo(node_id=element.document, hash=element.sha256)
    return TextNode(
        id_=str(element.id),
        text=element.text,
        metadata=metadata(element),
        relationships={NodeRelationship.SOURCE: source},
    )


def llama_index_retriever(corpus: "Corpus", top: int = 8) -> "LlamaIndexRetriever":
    """`retrieve(question)` gives `NodeWithScore`s, best first."""
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.schema import NodeWithScore, QueryBundle

    class CorpusRetriever(BaseRetriever):
        def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
            hits = corpus.search(query_bundle.query_str, top=top)
            return [NodeWithScore(node=to_node(hit.element), score=hit.score) for hit in hits]

    return CorpusRetriever()


def langchain_retriever(corpus: "Corpus", top: int = 8) -> "LangChainRetriever":
    """`invoke(question)` gives `Document`s, best first; score and reasons are in their metadata."""
    from langchain_core.callbacks import CallbackManagerForRetrieverRun
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever

    class CorpusRetriever(BaseRetriever):
        def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
            return [to_document(hit) for hit in corpus.search(query, top=top)]

    def to_document(hit: Hit) -> Document:
        reasons = {"score": hit.score, "why": hit.why}
        return Document(id=str(hit.element.id), page_content=hit.element.text, metadata=metadata(hit.element) | reasons)

    return CorpusRetriever()
