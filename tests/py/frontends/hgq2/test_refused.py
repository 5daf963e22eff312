"""What HGQ2 can do and this compiler cannot is refused in one line that names layer and quantizer."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from trained import ROOT

import qdialect
from qdialect.errors import QdialectError
from qdialect.frontends.hgq2.einsum import Equation

FOLDER = ROOT / "tests/py/data/hgq2"


def with_dense() -> Path:
    """A recorded network with a QDense."""
    for file in sorted(FOLDER.glob("*.keras")):
        with zipfile.ZipFile(file) as archive:
            if b'"hgq>QDense"' in archive.read("config.json"):
                return file
    raise AssertionError("none recorded")


def changed(path: Path, change: Callable[[Any], None]) -> Path:
    """A copy of a network whose first QDense is described otherwise."""
    with zipfile.ZipFile(with_dense()) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    change(next(entry for entry in config["config"]["layers"] if entry["registered_name"] == "hgq>QDense"))
    with zipfile.ZipFile(path / "net.keras", "w") as archive:
        for name, data in (members | {"config.json": json.dumps(config).encode()}).items():
            archive.writestr(name, data)
    return path / "net.keras"


def quantizer_option(key: str, value: Any) -> Callable[[Any], None]:
    def change(entry: Any) -> None:
        entry["config"]["iq_conf"]["config"][key] = value

    return change


def option(key: str, value: Any) -> Callable[[Any], None]:
    def change(entry: Any) -> None:
        entry["config"][key] = value

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (quantizer_option("overflow_mode", "WRAP_SM"), "quantizer 'iq': overflow_mode='WRAP_SM' is not supported"),
        (quantizer_option("round_mode", "NEAREST"), "quantizer 'iq': round_mode='NEAREST' is not supported"),
        (quantizer_option("q_type", "float"), "quantizer 'iq': q_type='float' is not supported, only kif, kbi"),
        (quantizer_option("scaler", 2.5), "quantizer 'iq': scaler is not supported"),
        (quantizer_option("affine", [1, 2]), "quantizer 'iq': affine is not supported"),
        (option("iq_conf", 7), "quantizer 'iq' has no configuration"),
        (option("activation", "hard_sigmoid"), "activation 'hard_sigmoid' of Keras 3 is not supported"),
        (option("activation", "unheard"), "activation 'unheard' is not supported here"),
        (option("units", 999), "units=999, but its kernel has shape"),
        (option("lora", 3), "option lora=3 is not supported"),
        (option("use_bias", "both"), "variables for it, not"),
    ],
)
def test_options(change: Callable[[Any], None], told: str, tmp_path: Path) -> None:
    if told.endswith("not"):
        change = option("use_bias", not json_of_dense()["use_bias"])
    with pytest.raises(QdialectError) as refused:
        qdialect.from_keras(changed(tmp_path, change))
    assert told in str(refused.value)
    assert "(hgq>QDense)" in str(refused.value)
    assert "\n" not in str(refused.value)


def json_of_dense() -> Any:
    with zipfile.ZipFile(with_dense()) as archive:
        layers = json.loads(archive.read("config.json"))["config"]["layers"]
    return next(entry["config"] for entry in layers if entry["registered_name"] == "hgq>QDense")


def test_other_layers(tmp_path: Path) -> None:
    def change(entry: Any) -> None:
        entry |= {"class_name": "QGRU", "registered_name": "hgq>QGRU"}

    with pytest.raises(QdialectError, match=r"\(hgq>QGRU\).*not supported"):
        qdialect.from_keras(changed(tmp_path, change))


@pytest.mark.parametrize(
    ("text", "axes", "told"),
    [
        ("bi,io", 2, "is not of the form"),
        ("bi,...o->bo", 2, "is not of the form"),
        ("bij,io->bo", 2, "does not label each of 2 axes once"),
        ("bi,io->ob", 2, "mixes samples of the batch"),
        ("bi,bo->bo", 2, "mixes samples of the batch"),
        ("bi,io->boz", 2, "one in its output alone"),
        ("bi,ioo->bo", 2, "repeats a label"),
    ],
)
def test_equations(text: str, axes: int, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Equation.parsed(text, axes)
