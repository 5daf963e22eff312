"""What the scripts of parts 1 to 7 share: data, training, accuracy. Nothing here knows a compiler.

The data stand for the tutorial's jets: sixteen features of five classes, drawn here, in steps of 1/256 as a detector's
electronics would send them.
"""

import os

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")  # QKeras 0.9 needs Keras 2; read at the import of TensorFlow

import numpy as np
from tensorflow.keras.models import Model, Sequential
from tensorflow.keras.optimizers import Adam
from tensorflow.keras.utils import set_random_seed

set_random_seed(1)

CLASSES = ("g", "q", "t", "w", "z")


def load(samples: int = 6000) -> tuple[np.ndarray, ...]:
    """x_train, x_test (a sixth), y_train, y_test: float32 features and one-hot classes."""
    rng = np.random.default_rng(7)
    classes = rng.integers(0, len(CLASSES), samples)
    centres = rng.normal(0, 1, (len(CLASSES), 16))
    mixing = rng.normal(0, 0.5, (16, 16)) + np.eye(16)
    x = centres[classes] + rng.normal(0, 1, (samples, 16)) @ mixing
    x = np.clip(np.round(x * 256) / 256, -8, 8 - 1 / 256).astype(np.float32)
    y = np.eye(len(CLASSES), dtype=np.float32)[classes]
    test = samples // 6
    return x[test:], x[:test], y[test:], y[:test]


def train(model: Sequential, x: np.ndarray, y: np.ndarray, epochs: int = 6, callbacks: tuple = ()) -> Model:
    """Fit with Adam."""
    model.compile(optimizer=Adam(0.002), loss=["categorical_crossentropy"], metrics=["accuracy"])
    model.fit(x, y, batch_size=128, epochs=epochs, validation_split=0.25, verbose=0, callbacks=list(callbacks))
    return model


def accuracy(y: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.mean(y.argmax(axis=1) == predicted.argmax(axis=1)))
