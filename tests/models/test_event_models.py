"""Models of next events: that they keep the contract, and what each can learn."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from bench.events import Events
from bench.models.events import every_token, group_by_key, group_by_melody, hold_out, next_tokens, some_keys
from bench.models.linear.event_regression import EventLogisticRegression
from bench.models.markov.event_em import Learner, Steps, walk
from bench.models.markov.event_hmm import EventHMM
from bench.models.markov.event_ngrams import EventNgrams
from bench.ragged import Ragged

N_SYMBOLS = 6
MODELS = {
    "n-grams": EventNgrams(n_paths=2, max_order=3, n_steps_back=1),
    "regression": EventLogisticRegression(n_steps_back=1, C=1.0, max_iter=20),
    "regression, chosen": EventLogisticRegression(n_steps_back=1, max_iter=20),
    "hmm": EventHMM(n_states=3, n_iter=4),
    "hmm, chosen": EventHMM(n_iter=2),
}


def random_pieces(width: int, lengths: list[int], seed: int = 0, n_symbols: int = N_SYMBOLS) -> Events:
    rng = np.random.default_rng(seed)
    return Events(Ragged.from_rows([rng.integers(n_symbols, size=n) for n in lengths]), width, n_symbols)


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> Any:
    return clone(MODELS[request.param])


LENGTHS = [24, 30, 0, 1, 17, 24, 11, 40]
"""Of pieces that are empty, end within a step, or not."""


@pytest.mark.parametrize("width", [1, 3, 8])
def test_each_token_has_the_probability_that_the_model_gives_it_after_those_before(model: Any, width: int) -> None:
    model.fit(random_pieces(width, LENGTHS))
    pieces = random_pieces(width, [9, 0, 13], seed=1)
    logs = model.token_log_probabilities(pieces)
    assert logs.shape == pieces.tokens.values.shape
    prefixes = Events(Ragged.from_rows([piece[:n] for piece in pieces for n in range(len(piece))]), width, N_SYMBOLS)
    probabilities = model.next_probabilities(prefixes)
    assert probabilities.shape == (len(prefixes), N_SYMBOLS)
    assert probabilities.min() > 0
    assert probabilities.sum(axis=1) == pytest.approx(1)
    of_tokens = probabilities[np.arange(len(prefixes)), pieces.tokens.values]
    assert np.log(of_tokens) == pytest.approx(logs, abs=1e-5)


def test_later_tokens_and_other_pieces_do_not_change_a_tokens_probability(model: Any) -> None:
    model.fit(random_pieces(2, LENGTHS))
    piece, other = random_pieces(2, [20, 20], seed=1)
    changed = np.concatenate([piece[:11], other[11:]])
    together = model.token_log_probabilities(Events(Ragged.from_rows([other, changed]), 2, N_SYMBOLS))
    alone = model.token_log_probabilities(Events(Ragged.from_rows([piece]), 2, N_SYMBOLS))
    assert together[20:31] == pytest.approx(alone[:11], abs=1e-5)
    assert together[31:] != pytest.approx(alone[11:], abs=1e-2)


def test_two_short_pieces_are_enough(model: Any) -> None:
    pieces = Events(Ragged.from_rows([[1, 2, 3], [2]]), 4, 5)
    probabilities = model.fit(pieces).next_probabilities(pieces)
    assert probabilities.sum(axis=1) == pytest.approx(1)
    assert np.isfinite(model.token_log_probabilities(pieces)).all()


def test_a_token_that_training_lacks_has_a_probability(model: Any) -> None:
    pieces = Events(Ragged.from_rows([[1, 1] * 8, [1, 1] * 9, [1, 1] * 7]), 2, 40)
    logs = model.fit(pieces).token_log_probabilities(Events(Ragged.from_rows([[39, 38, 1, 1]]), 2, 40))
    assert np.isfinite(logs).all()
    assert logs[-1] > logs[0]


def test_models_do_not_change_what_they_are_given_and_learn_the_same_twice(model: Any) -> None:
    pieces = random_pieces(2, LENGTHS)
    found = [clone(model).fit(pieces).token_log_probabilities(pieces) for _ in range(2)]
    assert (found[0] == found[1]).all()
    assert model.get_params() == clone(model).get_params()


def test_pieces_of_another_width_are_refused(model: Any) -> None:
    model.fit(random_pieces(2, LENGTHS))
    with pytest.raises(ValueError, match="3 tokens per step and 6 symbols, expected 2 and 6"):
        model.next_probabilities(random_pieces(3, [3]))


def test_nothing_to_learn_from_is_refused(model: Any) -> None:
    with pytest.raises(ValueError, match="no piece has a token"):
        model.fit(random_pieces(2, [0, 0]))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (EventNgrams(n_paths=0), "n_paths is 0"),
        (EventLogisticRegression(C=0.0), "C is 0"),
        (EventHMM(n_states=0), "n_states is 0"),
        (EventHMM(smoothing=0.0), "smoothing is 0"),
    ],
)
def test_parameters_out_of_range_are_refused(bad: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bad.fit(random_pieces(2, LENGTHS))


CYCLE = (1, 4, 2, 5, 3)


@pytest.mark.parametrize("model", [EventNgrams(), EventLogisticRegression(), EventHMM(n_states=5, smoothing=0.1)])
def test_a_cycle_is_learnt(model: Any) -> None:
    """Of each step, the first voice runs through the cycle and the second repeats it one step later."""
    ring = list(itertools.islice(itertools.cycle(CYCLE), 60))
    rows = [[token for i in range(start, start + 40) for token in (ring[i + 1], ring[i])] for start in range(5)]
    logs = model.fit(Events(Ragged.from_rows(rows), 2, 6)).token_log_probabilities(Events(Ragged.from_rows(rows), 2, 6))
    assert np.exp(logs.reshape(5, -1)[:, 4:]).mean() > 0.95


def test_ngrams_find_the_token_that_matters() -> None:
    """What follows only depends on the token five back."""
    rng = np.random.default_rng(0)
    rows = []
    for _ in range(40):
        row = rng.integers(1, N_SYMBOLS, 5).tolist()
        for _ in range(60):
            row.append(1 + row[-5] % 5 if rng.random() < 0.9 else int(rng.integers(1, N_SYMBOLS)))
        rows.append(row)
    model = EventNgrams(n_paths=1, n_steps_back=6).fit(Events(Ragged.from_rows(rows), 1, N_SYMBOLS))
    assert [path[0] for path in model.lags_[0]] == [5]


def test_the_regression_needs_pairs_for_what_no_sum_of_tokens_says() -> None:
    """The third voice is 1 if the other two are equal, which is not linear."""
    rng = np.random.default_rng(0)
    first_two = rng.integers(2, size=(60, 20, 2))
    steps = np.dstack([first_two, first_two[..., 0] == first_two[..., 1]])
    pieces = Events(Ragged.from_rows([piece.ravel() for piece in steps]), 3, 2)
    losses = [
        -EventLogisticRegression(pairs=pairs, C=1.0).fit(pieces).token_log_probabilities(pieces)[2::3].mean()
        for pairs in (True, False)
    ]
    assert losses[0] < 0.05
    assert losses[1] > 0.6


def test_the_posterior_never_falls_in_em() -> None:
    pieces = random_pieces(3, [30, 41, 17, 60, 0, 4] * 5)
    model = EventHMM(n_states=4, n_iter=25, tol=-1.0).fit(pieces)
    found = np.array([entry["log_posterior"] for entry in model.history_])
    assert len(found) == 25
    assert np.diff(found).min() > -1e-5 * abs(found[-1])
    assert model.history_[-1]["log_likelihood"] > model.history_[0]["log_likelihood"]


def test_the_filter_agrees_with_a_sum_over_all_ways_through_two_states() -> None:
    learner = Learner(random_pieces(2, [20, 31, 12]), 2, smoothing=0.5, random_state=0)
    for _ in range(3):
        model = learner.maximize()
        learner.expect(model)
    piece = random_pieces(2, [7], seed=3)
    tokens = piece[0].tolist()
    first, second = (rows[:-1].reshape(N_SYMBOLS + 1, N_SYMBOLS, 2).astype(float) for rows in model.emissions)

    def probability(n_tokens: int) -> float:
        n_steps, total = -(-n_tokens // 2), 0.0
        for way in itertools.product(range(2), repeat=n_steps):
            product = float(model.start[way[0]]) if way else 1.0
            for before, state in itertools.pairwise(way):
                product *= model.transitions[before, state]
            for i, token in enumerate(tokens[:n_tokens]):
                state = way[i // 2]
                product *= second[tokens[i - 1], token, state] if i % 2 else first[N_SYMBOLS, token, state]
            total += product
        return total

    scales = [scale for _, _, of_voices in walk(model, Steps.of(piece)) for scale in of_voices]
    found = np.concatenate(scales)[: len(tokens)]
    expected = [probability(n + 1) / probability(n) for n in range(len(tokens))]
    assert found == pytest.approx(expected, rel=1e-5)


def test_the_number_of_states_is_chosen_from_what_the_pieces_can_bear() -> None:
    assert EventHMM(n_iter=2).fit(random_pieces(2, [40] * 4)).n_states_ == 16
    pieces = random_pieces(2, [80] * 25)
    model = EventHMM(n_iter=2).fit(pieces)
    assert {entry["n_states"] for entry in model.history_} == {16, 64}
    steps = [entry["step"] for entry in model.history_]
    assert steps == sorted(set(steps))
    assert steps[-1] <= model.history_[-1]["steps"]


TUNE = np.random.default_rng(5).integers(10, 20, (30, 2))


def keys_of(steps: np.ndarray, *semitones: int) -> list[np.ndarray]:
    return [np.where(steps > 0, steps + key, 0).ravel() for key in semitones]


def test_the_keys_of_a_piece_are_one_group_and_its_rests_stay() -> None:
    with_rest = np.where(np.arange(30)[:, None] == 3, 0, TUNE)
    rows = keys_of(TUNE, 0, 3, -2) + keys_of(with_rest, 0, 4) + keys_of(TUNE[:29], 1)
    assert group_by_key(Events(Ragged.from_rows(rows), 2, 30)).tolist() == [0, 0, 0, 1, 1, 2]


def test_pieces_that_share_a_melody_are_one_group() -> None:
    other_bass = TUNE.copy()
    other_bass[:, 1] = 15
    rng = np.random.default_rng(6)
    rows = keys_of(TUNE, 0) + keys_of(rng.integers(10, 20, (30, 2)), 0) + keys_of(other_bass[8:], 2)
    pieces = Events(Ragged.from_rows(rows), 2, 30)
    assert group_by_key(pieces).tolist() == [0, 1, 2]
    assert group_by_melody(pieces).tolist() == [0, 1, 0]


def test_all_keys_of_a_piece_are_on_one_side_and_one_is_judged_by() -> None:
    rng = np.random.default_rng(0)
    rows = [row for _ in range(20) for row in keys_of(rng.integers(10, 20, (20, 2)), 0, 1, 2)]
    pieces = Events(Ragged.from_rows(rows), 2, 30)
    learnt, held_out = hold_out(pieces)
    groups = group_by_key(pieces)
    assert not set(groups[learnt]) & set(groups[held_out])
    assert (len(learnt), len(held_out)) == (16 * 3, 4)
    assert np.bincount(groups[some_keys(pieces, learnt, 2)]).max() == 2


def test_of_one_piece_nothing_is_held_out() -> None:
    pieces = Events(Ragged.from_rows(keys_of(TUNE, 0, 1)), 2, 30)
    learnt, held_out = hold_out(pieces)
    assert (learnt.tolist(), held_out.tolist()) == ([0, 1], [])


def test_places_are_those_of_tokens_and_of_what_would_follow() -> None:
    pieces = Events(Ragged.from_rows([[1, 2, 3], [], [4]]), 2, 5)
    assert [array.tolist() for array in every_token(pieces)] == [[0, 1, 2, 3], [0, 1, 2, 0]]
    assert [array.tolist() for array in next_tokens(pieces)] == [[3, 3, 4], [3, 0, 1]]
