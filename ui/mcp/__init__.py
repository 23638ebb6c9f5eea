"""The MCP door: the agent's tools and the pages of its documents for other programs' models, over stdio and HTTP."""
