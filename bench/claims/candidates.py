"""The models that claims try: the GRU, and traditional ones at their best."""

GRU, LSTM = "gru", "lstm"
SMALL_STEPS = "batch_size=128,learning_rate=0.005"
GENERATED_GRU, GENERATED_LSTM = f"{GRU}[{SMALL_STEPS}]", f"{LSTM}[{SMALL_STEPS}]"
"""For generated texts of few different words: more and smaller steps than for reviews."""
PATIENT_GRU = f"{GRU}[{SMALL_STEPS},max_epochs=8]"
"""For what is learnt late: rules of a grammar, in place of single words."""

COUNTS = "count-logreg"
BAG_OF_WORDS = "logreg[max_n=1]"
PAIRS = "logreg"
TRIPLES = "logreg[max_n=3]"
CHARACTER_NGRAMS = "logreg[max_n=5]"
WEIGHTED_WORDS = "nb-logreg[max_n=1]"
WEIGHTED_PAIRS = "nb-logreg"
WEIGHTED_TRIPLES = "nb-logreg[max_n=3]"
NAIVE_BAYES = "naive-bayes"
FISHER = "hmm-fisher"
KERNEL = "rbf-svm"


def hmm(n_states: int) -> str:
    """Return a hidden Markov model with so many states."""
    return f"hmm[n_states={n_states}]"
