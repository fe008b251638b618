"""The models that claims try: the GRU, and traditional ones at their best."""

GRU, LSTM = "gru", "lstm"
SMALL_BATCHES = "[batch_size=128,learning_rate=0.005]"
GENERATED_GRU, GENERATED_LSTM = GRU + SMALL_BATCHES, LSTM + SMALL_BATCHES
"""For generated texts of few different words: more and smaller steps than for reviews."""
PATIENT_GRU = "gru[batch_size=128,learning_rate=0.005,max_epochs=8]"
"""For what is learnt late, in texts that are short."""

COUNTS = "count-logreg"
BAG_OF_WORDS = "logreg[max_n=1]"
PAIRS = "logreg"
TRIPLES = "logreg[max_n=3]"
WEIGHTED_WORDS = "nb-logreg[max_n=1]"
WEIGHTED_PAIRS = "nb-logreg"
WEIGHTED_TRIPLES = "nb-logreg[max_n=3]"
NAIVE_BAYES = "naive-bayes"
FISHER = "hmm-fisher"
KERNEL = "rbf-svm"


def hmm(n_states: int) -> str:
    """Return a hidden Markov model with so many states."""
    return f"hmm[n_states={n_states}]"
