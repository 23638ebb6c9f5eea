"""From a pile of documents to cited page regions: parse, embed, store, retrieve.

Knows nothing of agents, prompts or user interfaces.
"""
