"""From a question to the pages and regions that answer it: candidates, fusion, reranking, relevance."""
