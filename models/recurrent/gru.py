"""Gated recurrent units."""

from __future__ import annotations

from typing import Any

from .backend import keras
from .classifier import RecurrentClassifier


class GRUClassifier(RecurrentClassifier):
    """A gated recurrent unit over the words of a text: embedding, GRU, pooling over time, dropout, a dense layer.

    Keras's layer applies the reset gate after the recurrent product (``reset_after=True``), as cuDNN does; the paper
    applies it before. The network is trained with Adam.

    A validation part of the training texts ranks the epochs: training stops when ``patience`` epochs brought no lower
    validation loss, and the weights of the best epoch are used. Where every class has one text only, none can be
    spared, and the training loss takes its place.

    Parameters
    ----------
    embedding_size : int
        Numbers per word.
    initial_embedding : {"cooccurrence", "random"}
        "random" is Keras's small random numbers; "cooccurrence" adds vectors that are similar for words with similar
        neighbours in the training texts, computed in a few seconds (``word_vectors.py``).
    units : int
        Numbers of the recurrent state, of each direction.
    bidirectional : bool
        A second layer reads the text from its end.
    pooling : {"last", "mean", "max", "mean_max"}
        What of the states goes on: the last one; or of each unit the mean, the maximum, or both, over all of them.
    dropout : float
        Part of the pooled units that a training step leaves out.
    batch_size : int
        Texts of a training step, at most.
    learning_rate : float
        Of Adam in the first step; it falls in a straight line to 0 at the end of the last epoch that is allowed. Each
        weight's gradient is clipped to a norm of 1.
    epsilon : float
        Of Adam: a weight whose gradients stay below it moves little. Those of a word that only a few texts have are
        such weights, and would otherwise be memorised.
    max_epochs : int, optional
        Without it 2, or as many as make 75 steps of training, where the texts are few.
    patience : int
        Epochs without a lower validation loss after which training stops.
    validation_fraction : float
        Part of each class's training texts that is not trained on. A class of two texts or more always has one in it,
        a class of one never.
    max_length : int
        How many tokens of a text are read, the last ones.
    implementation : {"auto", "loop", "keras"}
        What runs the recurrent layers: "loop" is the fast one of ``loop.py``, which computes what Keras's layers
        compute; "keras" are these, on a GPU with cuDNN; "auto" is Keras where there is a GPU, else the loop.
    precision : {"float32", "bfloat16"}
        "bfloat16" rounds what predictions multiply. On processors that have instructions for it many texts are
        predicted a quarter faster, a single one slower; probabilities move by less than 0.005. Training stays in
        float32.
    random_state : int
        Seed of the weights, the order, the dropout and the validation part.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    network_ : keras.Model
        Token ids, padded with 0 on the right, to one probability (two classes: of the second one) or one per class.
    history_ : list of dict
        One entry per epoch, written as it ends: ``step``, ``steps``, ``seconds``, ``loss``, ``validation_loss``,
        ``validation_accuracy``.
    n_rows_seen_ : int
        Texts trained on so far, epochs counted.
    n_parameters_ : int

    Raises
    ------
    FloatingPointError
        The loss of a training step or of the validation part is not a finite number.
    ValueError
        No training text has a word, or a parameter is out of range.

    References
    ----------
    K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine translation",
    EMNLP 2014: the unit (eqs. 5 to 8).

    Examples
    --------
    >>> from bench.encoding import encode_split
    >>> texts, labels = ["a good film", "a bad film", "good", "bad"] * 10, [1, 0, 1, 0] * 10
    >>> _, X, X_test = encode_split(texts, ["so good", "a bad one", "bad bad"], "closed")
    >>> model = GRUClassifier(units=8, embedding_size=8, batch_size=8, max_epochs=6, learning_rate=0.05)
    >>> print(f"accuracy {model.fit(X, labels).score(X_test, [1, 0, 0]):.2f}")
    accuracy 1.00
    """

    def _recurrent_layer(self, **options: Any) -> keras.layers.Layer:
        return keras.layers.GRU(self.units, **options)
