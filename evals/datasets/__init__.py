"""Questions with known answers, what a right answer holds, and the corpora they are asked of."""
