"""Model files with flipped bytes: imported, or refused in one line, within 20 s and 4 GB.

    make flips SEED=7 COUNT=2000

prints the seed of every file that breaks this, and keeps the file; one that ends the process is in a temporary folder
with its seed in the name. Whatever is found belongs into `tests/corpus/files`.
"""

from __future__ import annotations

import argparse
import faulthandler
import io
import json
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import h5py
import numpy as np
from small_files import chain, layer, write_h5

from qdialect.compiler.registry import make_context
from qdialect.compiler.write_qonnx import to_qonnx
from qdialect.dialects.qnn.text import parse_module
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras
from qdialect.frontends.models import import_model

SECONDS, BYTES = 20, 4 << 30
SEEDS = Path(__file__).resolve().parents[3] / "corpus" / "files" / "seeds"
ONE = {"class_name": "quantized_bits", "config": {"bits": 4, "integer": 0, "alpha": 1.0}}
QUANTIZED = {"kernel_quantizer": ONE, "bias_quantizer": ONE}
NORM = ("gamma", "beta", "moving_mean", "moving_variance")

Content = dict[str, bytes]
"""A model's files by their names."""


def network() -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """A small convolutional network: its configuration and its weights."""
    model = chain(
        [6, 6, 2],
        layer("QConv2D", filters=3, kernel_size=[3, 3], **QUANTIZED),
        layer("BatchNormalization", axis=[3]),
        layer("QActivation", activation="quantized_relu(5,2)"),
        layer("MaxPooling2D", pool_size=[2, 2]),
        layer("Flatten"),
        layer("QDense", units=4, **QUANTIZED),
    )
    model["config"]["layers"][-4]["config"]["name"] = "relu"
    rng = np.random.default_rng(0)
    weights: dict[str, dict[str, Any]] = {
        "qconv2d": {"kernel": rng.uniform(-1, 1, (3, 3, 2, 3)), "bias": rng.uniform(-1, 1, 3)},
        "batchnormalization": {key: rng.uniform(0.5, 1.5, 3) for key in NORM},
        "qdense": {"kernel": rng.uniform(-1, 1, (12, 4)), "bias": rng.uniform(-1, 1, 4)},
    }
    return model, weights


def whole_h5(folder: Path) -> Content:
    return {"net.h5": write_h5(folder / "net.h5", *network()).read_bytes()}


def json_and_weights(folder: Path) -> Content:
    model, weights = network()
    path = write_h5(folder / "net.h5", model, weights)
    with h5py.File(path, "r+") as file:
        del file.attrs["model_config"]
    return {"net.json": json.dumps(model).encode(), "net.h5": path.read_bytes()}


def keras_zip(folder: Path) -> Content:
    """The members of a `.keras` file; they are flipped before they are zipped."""
    model, weights = network()
    store = io.BytesIO()
    with h5py.File(store, "w") as file:
        for name, group in (
            ("qconv2d", "q_conv2d"),
            ("batchnormalization", "batch_normalization"),
            ("qdense", "q_dense"),
        ):
            for i, values in enumerate(weights[name].values()):
                file[f"layers/{group}/vars/{i}"] = np.asarray(values, np.float32)
    return {"config.json": json.dumps(model).encode(), "model.weights.h5": store.getvalue()}


def saved_model(folder: Path) -> Content:
    root = SEEDS / "saved_model"
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def onnx(folder: Path) -> Content:
    to_qonnx(from_keras(write_h5(folder / "net.h5", *network()), "fixed<8, 3>"), folder / "net.onnx")
    return {"net.onnx": (folder / "net.onnx").read_bytes()}


KINDS: dict[str, Callable[[Path], Content]] = {
    "h5": whole_h5,
    "json": json_and_weights,
    "keras": keras_zip,
    "saved_model": saved_model,
    "onnx": onnx,
}


def flipped(content: Content, rng: random.Random) -> Content:
    """Some bytes of one of the files have other values; sometimes its end is missing."""
    name = rng.choice([key for key, data in content.items() if data])
    data = bytearray(content[name])
    for _ in range(rng.choice([1, 1, 2, 8, 64])):
        data[rng.randrange(len(data))] = rng.randrange(256)
    if rng.random() < 0.05:
        del data[rng.randrange(len(data)) :]
    return content | {name: bytes(data)}


def write(kind: str, content: Content, folder: Path, rng: random.Random) -> Path:
    """What `from_keras` is given."""
    if kind == "keras":
        path = folder / "net.keras"
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in content.items():
                archive.writestr(name, data)
        if rng.random() < 0.3:
            path.write_bytes(flipped({"zip": path.read_bytes()}, rng)["zip"])
        return path
    for name, data in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder if kind == "saved_model" else folder / next(iter(content))


class Hang(BaseException):
    """Raised by the alarm; no handler of exceptions takes it."""


def alarm(number: int, frame: FrameType | None) -> None:
    raise Hang


def fault(path: Path) -> str | None:
    """What is wrong with how a file was taken; None if it was imported or refused as it should be."""
    signal.alarm(SECONDS)
    faulthandler.dump_traceback_later(2 * SECONDS, exit=True)  # no alarm interrupts a library
    try:
        text = str(import_model(path))
        if str(parse_module(make_context(), text)) != text:
            return "its text is another module"
    except QdialectError as error:
        told = str(error)
        bad = [word for word in ("\n", "MemoryError", "Unable to allocate", "Traceback") if word in told]
        return f"message: {told!r:.300}" if bad or len(told) > 2000 or not told else None
    except Hang:
        return f"more than {SECONDS} s"
    except BaseException as error:
        return f"{type(error).__name__}: {str(error)[:300]}"
    finally:
        signal.alarm(0)
        faulthandler.cancel_dump_traceback_later()
    return None


def run(kind: str, seed: int, count: int, keep: Path | None = None) -> Iterator[str]:
    """Flip bytes `count` times, each from a seed of its own; the faults, one line each."""
    with tempfile.TemporaryDirectory() as base:
        content = KINDS[kind](Path(base))
    for number in range(seed, seed + count):
        rng = random.Random(number)
        with tempfile.TemporaryDirectory(prefix=f"{kind}_{number}_") as folder:  # stays if the process dies
            path = write(kind, flipped(content, rng), Path(folder), rng)
            found = fault(path)
            if found:
                if keep:
                    shutil.copytree(folder, keep / f"{kind}_{number}", dirs_exist_ok=True)
                yield f"--kind {kind} --seed {number} --count 1: {found}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    signal.signal(signal.SIGALRM, alarm)
    status = 0
    for kind in given.kind or KINDS:
        print(f"{kind}: {given.count} files from seed {given.seed}", flush=True)
        for line in run(kind, given.seed, given.count, given.keep):
            print(f"  {line}", flush=True)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
