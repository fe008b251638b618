"""The recurrent networks, and Keras's layer alone: what is above it is the cost of what is around it."""

from __future__ import annotations

from typing import Any

from . import clock, common

NOTEBOOK = ((500,), (32,))
"""Length and batch size of a recipe that has no parameters."""


class TrainGRU(common.Training):
    model = "gru"


class TrainGRUNotebook(common.Training):
    model = "gru-notebook"
    params = NOTEBOOK


class TrainLSTM(common.Training):
    model = "lstm"


class TraceGRU(common.Tracing):
    model = "gru"


class TraceGRUNotebook(common.Tracing):
    model = "gru-notebook"


class TraceLSTM(common.Tracing):
    model = "lstm"


class PredictGRU(common.Prediction):
    model = "gru"


class PredictGRUNotebook(common.Prediction):
    model = "gru-notebook"
    params = ((500,), common.BATCH_SIZES)


class PredictLSTM(common.Prediction):
    model = "lstm"


class OneReviewGRU(common.OneReview):
    model = "gru"


class OneReviewGRUNotebook(common.OneReview):
    model = "gru-notebook"
    params = ((500,),)


class OneReviewLSTM(common.OneReview):
    model = "lstm"


class MemoryGRU(common.Memory):
    model = "gru"


class MemoryGRUNotebook(common.Memory):
    model = "gru-notebook"


class MemoryLSTM(common.Memory):
    model = "lstm"


class GRUPer1000Reviews(common.Per1000Reviews):
    model = "gru"


class GRUNotebookPer1000Reviews(common.Per1000Reviews):
    model = "gru-notebook"


class LSTMPer1000Reviews(common.Per1000Reviews):
    model = "lstm"


class MemoryImports:
    """What a process holds that has imported TensorFlow and done nothing."""

    version = "1"

    def peakmem_imports(self) -> None:
        import tensorflow  # noqa: F401


class KerasGRULayer:
    """A step of Keras's GRU(128) over 128 numbers a token, compiled by tf.function, with no harness around it."""

    version = "1"
    param_names = ("length", "batch_size")
    params = (common.LENGTHS, common.BATCH_SIZES)
    number, repeat, rounds = 1, (3, 10, 5.0), 2

    def setup(self, length: int, batch_size: int) -> None:
        self.timer = clock.recurrence()
        if hasattr(self, "forward"):
            return
        import keras
        import tensorflow as tf

        keras.utils.set_random_seed(0)
        layer = keras.layers.GRU(128, return_sequences=True)
        x = tf.random.normal((batch_size, length, 128))
        layer(x)

        def loss() -> Any:
            return tf.reduce_sum(tf.reduce_max(layer(x), axis=1))

        def gradients() -> Any:
            with tf.GradientTape() as tape:
                value = loss()
            return tape.gradient(value, layer.trainable_variables)

        self.forward, self.both = tf.function(loss), tf.function(gradients)
        self.forward(), self.both()

    def time_forward(self, length: int, batch_size: int) -> None:
        self.timer.run([lambda: self.forward().numpy()])

    def time_forward_and_backward(self, length: int, batch_size: int) -> None:
        self.timer.run([lambda: self.both()[0].numpy()])
