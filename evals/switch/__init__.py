"""Is it known which modalities a request wants, and are they made. It is fitted in `evals.wanted`."""
