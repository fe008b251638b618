"""Keras on TensorFlow. The models import both from here, so that the environment is set before either starts.

What a user's profile or ``keras.json`` says is for other programs: these models are the same everywhere.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import tensorflow as tf

if keras.config.backend() != "tensorflow":
    raise ImportError(
        f"Keras was imported before, with the backend {keras.config.backend()!r}, and this model needs 'tensorflow'; "
        "set KERAS_BACKEND=tensorflow before anything imports Keras"
    )
keras.config.set_floatx("float32")
keras.config.set_epsilon(1e-7)
keras.config.set_image_data_format("channels_last")

__all__ = ["keras", "tf"]
