"""A question as tagged words and phrases: what asks, what it is about, and what its own words do not say."""
