"""What the digit examples share: data, training, recording.

The data are the 1797 handwritten digits bundled with scikit-learn, 8x8 pixels of grey level 0..16.
The networks see the level divided by 16: float32 multiples of 1/16 from 0 to 1.
"""

import os
from pathlib import Path

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")  # QKeras 0.9 needs Keras 2; read at its import

import numpy as np
import qkeras.utils
import tensorflow as tf
import tf_keras as keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


def load_split(shape: tuple[int, ...]) -> list[np.ndarray]:
    """x_train (1347, *shape), x_test (450, *shape) in float32; y_train, y_test digits 0..9 in uint8."""
    images, digits = load_digits(return_X_y=True)
    images = (images / 16).astype(np.float32).reshape(-1, *shape)
    return train_test_split(images, digits.astype(np.uint8), test_size=450, stratify=digits, random_state=0)


def make_reproducible(seed: int) -> None:
    """Seed every random generator and ask TensorFlow for deterministic kernels."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def train(model: keras.Model, x: np.ndarray, y: np.ndarray, epochs: int, rate: float) -> None:
    """Fit with Adam; the learning rate falls from `rate` to zero along a cosine."""
    batch = 32
    steps = epochs * -(-len(x) // batch)
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, steps))
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=batch, epochs=epochs, verbose=2)


def predict(model: keras.Model, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits (n, 10) and class probabilities (n, 10) in float32, all samples in one batch."""
    head = keras.Model(model.input, model.get_layer("logits").output)
    return head.predict(x, len(x), verbose=0), model.predict(x, len(x), verbose=0)


def record(model: keras.Model, x: np.ndarray, y: np.ndarray, folder: Path) -> None:
    """Write the model and what Keras makes of the test split; fail unless the file gives the same logits."""
    folder.mkdir(exist_ok=True)
    model.save(folder / "model.h5", include_optimizer=False)
    logits, outputs = predict(model, x)
    for name, array in {"inputs": x, "labels": y, "logits": logits, "outputs": outputs}.items():
        np.save(folder / f"{name}.npy", array)

    saved = qkeras.utils.load_qmodel(str(folder / "model.h5"), compile=False)
    replayed, _ = predict(saved, np.load(folder / "inputs.npy"))
    if not np.all(replayed == np.load(folder / "logits.npy")):
        raise SystemExit(f"{folder.name}: the saved model does not give the recorded logits")
    print(f"{folder.name}: {np.mean(logits.argmax(axis=1) == y):.2%} of {len(y)} test images")
