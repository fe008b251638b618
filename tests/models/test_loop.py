"""The fast loop computes what Keras's layers compute: states, probabilities, gradients, whole trainings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bench.corpus import Corpus
from bench.encoding import encode_split
from bench.models.recurrent.backend import keras, tf
from bench.models.recurrent.classifier import RecurrentClassifier
from bench.models.recurrent.gru import GRUClassifier
from bench.models.recurrent.loop import STEPS, GRUCell, Loop, LSTMCell
from bench.models.recurrent.lstm import LSTMClassifier
from bench.models.recurrent.runners import LayersRunner, LoopRunner, _of_similar_length, _part_sizes

Array = np.ndarray
Texts = tuple[Corpus, Array, Corpus]

N_IDS, N_INPUTS, N_UNITS, N_TEXTS = 60, 6, 8, 5
KINDS = [(GRUCell, keras.layers.GRU), (LSTMCell, keras.layers.LSTM)]


@pytest.fixture
def ids() -> Array:
    """Ids of texts of 1 to 40 ids, a text a column, padded above; one column is empty."""
    random = np.random.default_rng(0)
    padded = np.zeros((3 * STEPS, N_TEXTS), np.int32)
    for text, length in enumerate([40, 1, 17, 0, 16]):
        padded[3 * STEPS - length :, text] = random.integers(1, N_IDS, length)
    return padded


def make_layer(Layer: Any) -> tuple[Any, Any, list[Any]]:
    """A Keras layer, its embeddings, and the variables of both."""
    random = np.random.default_rng(1)
    layer = Layer(N_UNITS, return_sequences=True)
    layer.build((None, None, N_INPUTS))
    layer.set_weights([random.normal(scale=0.5, size=weight.shape) for weight in layer.weights])
    embeddings = tf.Variable(random.normal(size=(N_IDS, N_INPUTS)).astype(np.float32))
    return layer, embeddings, [embeddings, *(weight.value for weight in layer.weights)]


def by_keras(layer: Any, embeddings: Any, ids: Array) -> list[Any]:
    """Last state, sum and maximum of each text's states, one text at a time: no padding is read."""
    pooled = []
    for column in ids.T:
        if not column.any():
            zero = tf.zeros(N_UNITS)
            pooled.append((zero, zero, zero - 1))
            continue
        states = layer(tf.gather(embeddings, column[column != 0][None]))[0]
        pooled.append((states[-1], tf.reduce_sum(states, axis=0), tf.reduce_max(states, axis=0)))
    return [tf.stack(column) for column in zip(*pooled, strict=True)]


def by_loop(cell: Any, layer: Any, embeddings: Any, ids: Array, *, training: bool) -> Any:
    weights = cell.weights(embeddings, *(tf.convert_to_tensor(weight) for weight in layer.weights))
    loop = Loop(cell)
    run = tf.function(loop.train if training else loop.infer, autograph=False)
    return run(weights, tf.constant(ids))


@pytest.mark.parametrize(("cell", "Layer"), KINDS)
def test_states_and_gradients_are_those_of_the_layer(cell: Any, Layer: Any, ids: Array) -> None:
    layer, embeddings, variables = make_layer(Layer)
    directions = [tf.random.stateless_normal((N_TEXTS, N_UNITS), (0, seed)) for seed in range(3)]
    pooled, gradients = [], []
    for run in (by_keras, lambda *of: by_loop(cell, *of, training=True)):
        with tf.GradientTape() as tape:
            pooled.append(run(layer, embeddings, ids))
            loss = sum(tf.reduce_sum(a * b) for a, b in zip(pooled[-1], directions, strict=True))
        gradients.append([tf.convert_to_tensor(gradient) for gradient in tape.gradient(loss, variables)])
    for expected, got in zip(*pooled, strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-5)
    for expected, got in zip(*gradients, strict=True):
        assert np.abs(got - expected).max() < 1e-4 * np.abs(expected).max()
    for expected, got in zip(pooled[1], by_loop(cell, layer, embeddings, ids, training=False), strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-6)


@pytest.fixture
def texts() -> Texts:
    """Training and test texts of 0 to 60 words, and the labels."""
    random = np.random.default_rng(2)
    words = [f"w{i}" for i in range(30)]
    made = [" ".join(random.choice(words, random.integers(0, 61))) for _ in range(130)]
    _, train, test = encode_split(made[:90], [*made[90:], "unknown words"], "closed")
    return train, np.arange(90) % 2, test


@pytest.mark.parametrize("kind", [GRUClassifier, LSTMClassifier])
@pytest.mark.parametrize(("pooling", "bidirectional"), [("last", True), ("mean_max", False)])
def test_a_whole_training_is_that_of_plain_keras(
    kind: type[RecurrentClassifier], pooling: str, bidirectional: bool, texts: Texts
) -> None:
    train, labels, test = texts
    options = {"units": 8, "embedding_size": 6, "batch_size": 33, "max_epochs": 2, "dropout": 0.0}
    fast, plain = (
        kind(pooling=pooling, bidirectional=bidirectional, implementation=name, **options).fit(train, labels)
        for name in ("loop", "keras")
    )
    assert isinstance(fast._make_runner(), LoopRunner)
    assert isinstance(plain._make_runner(), LayersRunner)
    for of_fast, of_plain in zip(fast.network_.get_weights(), plain.network_.get_weights(), strict=True):
        np.testing.assert_allclose(of_fast, of_plain, atol=1e-5)
    np.testing.assert_allclose(fast.predict_proba(test), plain.predict_proba(test), atol=1e-5)


def test_a_batch_cut_into_parts_gives_the_same_answers_whatever_the_number_of_processors(
    monkeypatch: pytest.MonkeyPatch, texts: Texts
) -> None:
    train, labels, test = texts
    model = GRUClassifier(units=8, embedding_size=6, max_epochs=1).fit(train, labels)
    whole = model.predict_proba(test)
    for n_processors in (1, 3, 8):
        monkeypatch.setattr("joblib.cpu_count", lambda n=n_processors: n)
        model._predictor = None
        np.testing.assert_allclose(model.predict_proba(test), whole, atol=1e-6)


def test_every_batch_can_be_cut_into_parts_on_every_number_of_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    for n_processors in range(1, 18):
        monkeypatch.setattr("joblib.cpu_count", lambda n=n_processors: n)
        for n_texts in range(1, 520):
            sizes = _part_sizes(n_texts)
            assert sum(sizes) == n_texts
            assert max(sizes) - min(sizes) <= 1
            assert len(sizes) <= n_processors
        assert len(_part_sizes(512)) == min(n_processors, 16)


@pytest.mark.parametrize("kind", [GRUClassifier, LSTMClassifier])
def test_bfloat16_moves_probabilities_a_little_and_training_not_at_all(
    kind: type[RecurrentClassifier], texts: Texts
) -> None:
    train, labels, test = texts
    options = {"units": 8, "embedding_size": 6, "max_epochs": 3, "learning_rate": 0.03}
    exact, rounded = (kind(precision=p, **options).fit(train, labels) for p in ("float32", "bfloat16"))
    for of_exact, of_rounded in zip(exact.network_.get_weights(), rounded.network_.get_weights(), strict=True):
        np.testing.assert_array_equal(of_exact, of_rounded)
    difference = np.abs(exact.predict_proba(test) - rounded.predict_proba(test)).max()
    assert 0 < difference < 5e-3


def test_what_does_not_go_together_is_refused(texts: Texts) -> None:
    train, labels, _ = texts
    for options, message in [
        ({"implementation": "torch"}, "implementation is 'torch', expected 'auto', 'loop', 'keras'"),
        ({"precision": "float16"}, "precision is 'float16', expected 'float32', 'bfloat16'"),
        ({"precision": "bfloat16", "implementation": "keras"}, "only the fast loop knows"),
    ]:
        with pytest.raises(ValueError, match=message):
            GRUClassifier(**options).fit(train, labels)


@pytest.mark.skipif(not tf.config.list_physical_devices("GPU"), reason="no GPU here: that cuDNN runs is unchecked")
@pytest.mark.parametrize("kind", [GRUClassifier, LSTMClassifier])
def test_on_a_gpu_the_layers_run_in_cudnn(kind: type[RecurrentClassifier], texts: Texts) -> None:
    train, labels, test = texts
    model = kind(units=8, embedding_size=6, max_epochs=1).fit(train, labels)
    runner = model._make_runner()
    assert isinstance(runner, LayersRunner)
    assert "CudnnRNN" in str(runner._infer.get_concrete_function().graph.as_graph_def())
    assert np.isfinite(model.predict_proba(test)).all()


def test_one_long_text_does_not_lengthen_the_batches_of_the_others() -> None:
    lengths = np.array([0, 3, 20, 30, 40, 41, 90, 500])
    batches = [lengths[batch].tolist() for batch in _of_similar_length(lengths, n_at_once=4)]
    assert batches == [[0, 3, 20, 30], [40, 41, 90], [500]]
    assert list(_of_similar_length(np.array([0, 0, 70]), n_at_once=4)) == [slice(0, 2), slice(2, 3)]
    random = np.random.default_rng(0)
    of_reviews = np.sort(np.minimum(random.lognormal(5.3, 0.7, 25_000).astype(int), 500))
    batches = list(_of_similar_length(of_reviews, n_at_once=512))
    assert sum(len(of_reviews[batch]) for batch in batches) == 25_000
    assert len(batches) == 49
