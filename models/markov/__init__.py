"""Hidden Markov models, one per class, and a linear classifier on their Fisher scores."""
