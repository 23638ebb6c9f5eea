"""The page: a chat over a corpus, with the cited page beside the answer.

Renders the agent's typed events and holds no agent logic. Knows `agent` and `common` only.
"""
