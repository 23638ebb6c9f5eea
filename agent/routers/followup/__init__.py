from collections.abc import Sequence
from agent.routers.followup.focus import Said
from agent.routers.followup.grammar import grammar_of
from agent.routers.followup.rewriting import Rewriter
WEIGHTS={"append":-1.0,"append_prep":2.0,"append_date":2.0,"attribute":1.6,"attribute_named":-4.0,"attribute_prep":-3.0,"attribute_one":-4.0,"attribute_determined":0.3,"attribute_of_order":-3.0,"attribute_of_measure":0.5,
"replace":0.0,"similar":4.0,"date":4.0,"name":1.5,"other_kind":-4.0,"one_name":-0.7,"same_prep":2.0,"no_prep":-2.0,"other_prep":-0.5,"new_prep":-0.3,"determined":0.5,"same_head":1.5,"asked":0.0,"one":-4.0,
"modify":-1.5,"modify_one":4.0,"modify_something":0.7,"modify_similar":3.0,"modify_closer":2.0,"modify_degree":3.0,"modify_words":-1.0,"modify_prep":-1.0,"modify_asked":-1.0,"modify_bare":-0.5}
def standalone(question: str, said: Sequence[Said], need=None) -> str:
    if not said: return question
    grammar = grammar_of(" ".join([said[-1].question, question]))
    if grammar is None or (need is not None and not need(question,said)): return question
    return Rewriter(said, grammar, WEIGHTS).rewrite(question)
