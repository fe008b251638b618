"""Models that turn rows of symbols into others: joint n-grams, the hidden Markov model, and recurrent networks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from bench.models.chunk_alignment import align
from bench.models.markov.best_paths import BestPaths
from bench.models.markov.chunk_ngrams import Automaton, learn_ngrams
from bench.models.markov.hmm_transducer import HMMTransducer
from bench.models.markov.joint_ngrams import JointNgramTransducer
from bench.models.recurrent.aligned_network import AlignedNetwork
from bench.models.recurrent.attention_network import AttentionNetwork
from bench.models.recurrent.backend import keras
from bench.models.recurrent.beam_search import BeamSearch
from bench.models.recurrent.decoder_targets import is_in_order
from bench.models.recurrent.loop import GRUCell, LSTMCell
from bench.models.recurrent.pair_network import NOTHING, Kept
from bench.models.recurrent.pair_steps import compile_training
from bench.models.recurrent.transducer import GRUTransducer, LSTMTransducer
from bench.models.symbol_ids import SymbolIds
from bench.ragged import Ragged
from bench.symbols import Symbols

CLASSICAL = [JointNgramTransducer(), HMMTransducer()]
SMALL: list[Any] = [
    *CLASSICAL,
    GRUTransducer(encoder_units=8, units=8, embedding_size=8, max_epochs=1),
    GRUTransducer(attention="soft", encoder_units=8, units=8, embedding_size=8, max_epochs=1),
    GRUTransducer(attention="monotonic", encoder_units=8, units=8, embedding_size=8, max_epochs=1),
]


def _name(model: Any) -> str:
    return " ".join(filter(None, [type(model).__name__, getattr(model, "attention", "")]))


every_model = pytest.mark.parametrize("model", SMALL, ids=_name)


@pytest.fixture(scope="module", params=SMALL, ids=_name)
def fitted(request: pytest.FixtureRequest) -> Any:
    return clone(request.param).fit(*language(30))


def spoken(word: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sounds of a word: c depends on the next letter, x has two sounds, h and a last e have none."""
    sounds: list[str] = []
    for letter, after in zip(word, [*word[1:], ""], strict=True):
        if letter == "c":
            sounds.append("S" if after in ("e", "i") else "K")
        elif letter == "x":
            sounds += ["K", "S"]
        elif letter != "h" and (letter, after) != ("e", ""):
            sounds.append(letter.upper())
    return tuple(sounds)


def language(n_words: int, seed: int = 0) -> tuple[Symbols, Symbols]:
    """Return different words and their sounds, each with at least one."""
    random = np.random.default_rng(seed)
    words: dict[tuple[str, ...], None] = {}
    while len(words) < n_words:
        word = tuple(random.choice(list("acehixt"), random.integers(2, 8)).tolist())
        if spoken(word):
            words[word] = None
    return Symbols(list(words)), Symbols([spoken(word) for word in words])


def error_rate(model: Any, n_train: int, n_test: int) -> float:
    words, sounds = language(n_train + n_test)
    predicted = clone(model).fit(words[:n_train], sounds[:n_train]).predict(words[n_train:])
    return float(np.mean([p != target for p, target in zip(predicted, sounds[n_train:], strict=True)]))


def test_joint_ngrams_learn_the_language() -> None:
    assert error_rate(JointNgramTransducer(), 2_000, 300) == 0


def test_the_hidden_markov_model_learns_most_of_it() -> None:
    assert 0 < error_rate(HMMTransducer(), 2_000, 300) < 0.5


@pytest.mark.slow
@pytest.mark.parametrize("attention", ["soft", "monotonic"])
@pytest.mark.parametrize("model", [GRUTransducer, LSTMTransducer])
def test_recurrent_networks_learn_the_language(model: Any, attention: str) -> None:
    assert error_rate(model(attention=attention, encoder_units=64, units=64, embedding_size=16), 2_000, 300) <= 0.01


def test_attention_is_monotonic_where_sources_and_targets_have_one_order() -> None:
    words, sounds = language(200)
    model = GRUTransducer(encoder_units=8, units=8, embedding_size=8, max_epochs=1)
    assert model.fit(words, sounds).attention_ == "monotonic"
    assert model.fit(words, Symbols([target[::-1] for target in sounds])).attention_ == "soft"


def test_symbols_at_every_other_place_do_not_hide_that_the_order_is_the_same() -> None:
    random = np.random.default_rng(0)
    words = Symbols([(*random.choice(list("bdg"), 1), *random.choice(list("aei"), 1)) for _ in range(200)])
    assert is_in_order(SymbolIds(words).encode(words), words, random)


def test_constant_targets_tell_nothing_of_the_order() -> None:
    words, _ = language(50)
    assert not is_in_order(SymbolIds(words).encode(words), Symbols([()] * 50), np.random.default_rng(0))


def test_monotonic_attention_leaves_out_targets_that_cannot_be_divided() -> None:
    words, sounds = language(199)
    words, sounds = Symbols([*words, ("a",)]), Symbols([*sounds, ("A",) * 9])
    model = GRUTransducer(attention="monotonic", encoder_units=8, units=8, embedding_size=8, max_epochs=1)
    assert model.fit(words, sounds).n_rows_left_out_ == 1


@pytest.mark.parametrize("network", [AttentionNetwork, AlignedNetwork])
def test_a_wide_beam_finds_the_best_target_of_rows_of_any_length(network: Any) -> None:
    keras.utils.set_random_seed(1)
    pairs = network(GRUCell, n_source=4, n_target=3, embedding_size=6, encoder_units=5, units=8)
    for weight in pairs.weights.values():
        weight.assign(3 * weight)  # else all answers are alike
    source, lengths = np.array([[1, 2, 3], [0, 3, 1], [0, 0, 2], [0, 0, 0]]), np.array([1, 2, 3])
    found = BeamSearch(pairs, 64).best(source, lengths)
    for row, n in enumerate(lengths.tolist()):
        assert tuple(found[row]) == _best_of_all(pairs, source[:, [row]], n)


def _best_of_all(pairs: Any, source: Any, n: int) -> tuple[int, ...]:
    """Return the likeliest target; one of ``n`` symbols need not end."""
    memory, first = pairs.encode(source)
    scores: dict[tuple[int, ...], float] = {}
    waiting: list[tuple[tuple[int, ...], float, Any]] = [((), 0.0, tuple(state[:, None] for state in first))]
    while waiting:
        before, score, states = waiting.pop()
        symbol = np.array([[before[-1] if before else 0]])
        logs, states = pairs.next_log_probabilities(memory, len(before), symbol, states)
        for after, log in enumerate(logs.numpy()[0, 0].tolist()):
            target = (*before, after) if after else before
            if after == 0 or len(target) == n:
                scores[target] = max(score + log, scores.get(target, -np.inf))
            else:
                waiting.append((target, score + log, states))
    return max(scores, key=scores.__getitem__)


@pytest.mark.parametrize("cell", [GRUCell, LSTMCell])
@pytest.mark.parametrize("network", [AttentionNetwork, AlignedNetwork])
def test_what_is_trained_is_what_is_searched(network: Any, cell: Any) -> None:
    keras.utils.set_random_seed(0)
    pairs = network(cell, n_source=5, n_target=4, embedding_size=6, encoder_units=5, units=8)
    source, target = np.array([[1, 4], [2, 1], [3, 0]]), np.array([[1, 3], [2, 1], [3, 0]])
    first = int(network is AlignedNetwork)  # its end is never next
    trained = pairs.logits(source, target).numpy()[:, :, first:]
    memory, states = pairs.encode(source)
    states = tuple(state[:, None] for state in states)
    for step, before in enumerate([np.zeros(2, np.int32), *target[:-1]]):
        logs, states = pairs.next_log_probabilities(memory, step, before[:, None], states)
        searched = logs.numpy()[:, 0, first:]
        expected = trained[step]
        np.testing.assert_allclose(
            searched - searched.mean(axis=1, keepdims=True), expected - expected.mean(axis=1, keepdims=True), atol=1e-5
        )


def test_predictions_are_tuples_of_known_symbols(fitted: Any) -> None:
    words, sounds = language(30)
    predicted = fitted.predict(words)
    assert len(predicted) == len(words)
    known = {symbol for row in sounds for symbol in row}
    assert all(isinstance(row, tuple) and set(row) <= known for row in predicted)


def test_odd_rows_are_survived(fitted: Any) -> None:
    word, long = tuple("ace"), tuple("ace" * 20)
    predicted = fitted.predict(Symbols([(), ("é",), ("é", *word), word, long]))
    assert predicted[:2] == [(), ()]
    assert predicted[2] == predicted[3]
    assert len(predicted[4]) <= 2 * len(long)
    assert fitted.predict(Symbols([])) == []


def test_the_same_seed_gives_the_same_predictions(fitted: Any) -> None:
    words, sounds = language(30)
    assert clone(fitted).fit(words, sounds).predict(words) == fitted.predict(words)


def test_a_prediction_does_not_depend_on_the_other_rows(fitted: Any) -> None:
    words, _ = language(30)
    assert [fitted.predict(words[i : i + 1])[0] for i in range(0, 30, 10)] == fitted.predict(words)[::10]


def test_training_is_described(fitted: Any) -> None:
    assert [entry["step"] for entry in fitted.history_] == list(range(1, len(fitted.history_) + 1))
    assert fitted.n_parameters_ > 0
    assert fitted.n_rows_seen_ > 0


@every_model
def test_one_pair_of_words_is_enough(model: Any) -> None:
    rows = Symbols([("hello", "world"), ("good", "day", "world"), ()])
    fitted = clone(model).fit(rows[:1], Symbols([("hallo", "Welt")]))
    assert len(fitted.predict(rows)) == 3


@every_model
def test_an_empty_target_is_learnt_and_an_empty_source_left_out(model: Any) -> None:
    rows, targets = Symbols([("a", "b"), ("b",), ()]), Symbols([("x",), (), ("x",)])
    assert clone(model).fit(rows, targets).n_rows_left_out_ == 1


@every_model
def test_wrong_rows_and_parameters_are_refused(model: Any) -> None:
    words, sounds = language(5)
    with pytest.raises(ValueError, match="5 sources and 4 targets"):
        clone(model).fit(words, sounds[:4])
    with pytest.raises(ValueError, match="expected a source with symbols"):
        clone(model).fit(Symbols([()]), Symbols([("x",)]))
    with pytest.raises(ValueError, match="beam is 0, expected 1 or more"):
        clone(model).set_params(beam=0).fit(words, sounds)


@pytest.mark.parametrize("n_rows", [4, 5])
def test_a_step_in_parts_is_that_of_the_whole_batch(n_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    source = random.integers(1, 5, (3, n_rows)).astype(np.int32)
    target = np.where(np.arange(3)[:, None] < [1, 2, 3, 1, 2][:n_rows], source - 1, NOTHING).astype(np.int32)
    kept = Kept(np.ones((n_rows, 10), np.float32), np.ones((n_rows, 18), np.float32))
    after = []
    for n_parts in (1, 2):
        monkeypatch.setattr("bench.models.recurrent.pair_steps.PARTS", n_parts)
        keras.utils.set_random_seed(0)
        pairs = AlignedNetwork(GRUCell, n_source=5, n_target=4, embedding_size=6, encoder_units=5, units=8)
        step = compile_training(pairs, n_steps=10, learning_rate=0.1)
        losses = [float(step(source, target, kept)) for _ in range(3)]
        after.append([losses, *(weight.numpy() for weight in pairs.weights.values())])
    for whole, in_parts in zip(*after, strict=True):
        np.testing.assert_allclose(in_parts, whole, atol=1e-5)


def test_an_unknown_attention_is_refused() -> None:
    with pytest.raises(ValueError, match="attention is 'hard', expected one of: auto, monotonic, soft"):
        GRUTransducer(attention="hard").fit(*language(5))


@pytest.mark.parametrize("model", CLASSICAL, ids=_name)
def test_no_iteration_of_em_lowers_the_likelihood(model: Any) -> None:
    fitted = clone(model).set_params(n_iter=12).fit(*language(200))
    likelihoods = [entry["log_likelihood"] for entry in fitted.history_]
    assert len(likelihoods) == 12
    assert (np.diff(likelihoods) > -1e-9).all()


def test_em_finds_what_belongs_together() -> None:
    sources, targets = (
        Ragged.from_rows([[0, 1, 2], [2, 0], [1, 2, 0]]),
        Ragged.from_rows([[0, 2, 3], [2, 3, 0], [2, 3, 0]]),
    )
    found = align(sources, targets, 2, 20, np.random.default_rng(0), lambda step, log_likelihood: None)
    chunks = [found.chunks[i] for i in found.chunk_ids.tolist()]
    assert chunks == [(0,), (), (2, 3), (2, 3), (0,), (), (2, 3), (0,)]


def _paths_from(automaton: Automaton, state: int, token: int) -> tuple[int, float]:
    """Return where a token leads from a state, and its probability: as back-off is defined."""
    is_arc = (automaton.source == state) & (automaton.token == token)
    if is_arc.any():
        return int(automaton.target[is_arc][0]), float(np.exp(automaton.weight[is_arc][0]))
    target, probability = _paths_from(automaton, int(automaton.backoff[state]), token)
    return target, probability * float(np.exp(automaton.backoff_weight[state]))


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_the_probabilities_of_all_next_tokens_sum_to_one(order: int) -> None:
    random = np.random.default_rng(order)
    rows = Ragged.from_rows([random.integers(0, 4, random.integers(1, 7)) for _ in range(60)])
    automaton = learn_ngrams(rows, order)
    contexts = set(automaton.target.tolist()) | {automaton.start}
    for state in contexts:
        assert sum(_paths_from(automaton, state, token)[1] for token in range(5)) == pytest.approx(1)


def test_the_search_finds_the_best_of_all_paths() -> None:
    random = np.random.default_rng(0)
    rows = Ragged.from_rows([random.integers(0, 6, random.integers(1, 6)) for _ in range(40)])
    automaton = learn_ngrams(rows, 3)
    n_arcs, symbols = len(automaton.token), np.array([0, 0, 0, 1, 1, 1, 2])  # of each token; the last is the end
    paths = BestPaths(automaton, np.arange(n_arcs), symbols[automaton.token], np.zeros(n_arcs), 3, beam=1_000)
    source = [0, 1, 1, 0, 2]
    found = paths.search(Ragged.from_rows([source, [1, 2]]))[0]

    def log_probability(tokens: tuple[int, ...]) -> float:
        state, total = automaton.start, 0.0
        for token in tokens:
            state, probability = _paths_from(automaton, state, token)
            total += float(np.log(probability))
        return total

    choices = [np.flatnonzero(symbols == symbol).tolist() for symbol in source]
    every = [tuple(tokens) for tokens in np.array(np.meshgrid(*choices)).reshape(5, -1).T.tolist()]
    assert log_probability(tuple(found.tolist())) == pytest.approx(max(map(log_probability, every)))
