"""The values that options of `qdialect` take; the parser refuses others and names the option."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from qdialect.errors import QdialectError, shown

MOST_SAMPLES = 1_000_000
"""Inputs to draw: as many as the largest data sets have, of 8 GB at 1,000 values each."""
LONGEST_NAME, LONGEST_PATH = 255, 4095
"""Bytes of a name and of a path, as file systems have them."""


def path(text: str) -> str:
    """A path that a file system can have."""
    encoded = os.fsencode(text)
    if not encoded or b"\0" in encoded:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a path")
    if len(encoded) > LONGEST_PATH or any(len(part) > LONGEST_NAME for part in encoded.split(b"/")):
        raise argparse.ArgumentTypeError(f"{shown(text)} is too long for a path")
    return text


def samples(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not 1 <= number <= MOST_SAMPLES:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a number from 1 to {MOST_SAMPLES}")
    return number


def percent(text: str) -> float:
    """A share of samples, in percent."""
    try:
        number = float(text if text.isascii() else "")
    except ValueError:
        number = -1
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a number from 0 to 100")
    return number


def reuse_factor(text: str) -> str:
    """A reuse factor of all layers, or LAYER=N."""
    number = text.rpartition("=")[2]
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a number, nor LAYER=N")
    return text


def clock(text: str) -> float:
    """A clock period in ns."""
    from qdialect.compiler.configuration import check_clock

    try:
        period = float(text if text.isascii() else "")
        check_clock(period)
    except (ValueError, QdialectError) as error:
        told = str(error) if isinstance(error, QdialectError) else f"{shown(text)} is not a number of ns"
        raise argparse.ArgumentTypeError(told) from None
    return period


def input_type(text: str) -> str:
    """A type for all inputs, or NAME=TYPE."""
    from qdialect.numerics.fixed_text import parse_fixed

    try:
        parse_fixed(text.rpartition("=")[2], "input")
    except QdialectError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def rounding(text: str) -> str:
    """What layers are rounded to: TYPE or `exact`, for one as LAYER=TYPE."""
    return text if text.rpartition("=")[2] == "exact" else input_type(text)


def input_types(texts: Sequence[str] | None, option: str = "--input-type") -> str | dict[str, str] | None:
    """The type of all inputs, or types by name from several 'NAME=TYPE'. Raises QdialectError for a mixture."""
    if texts is None or (len(texts) == 1 and "=" not in texts[0]):
        return texts[0] if texts else None
    types: dict[str, str] = {}
    for text in texts:
        name, equals, type_ = text.rpartition("=")
        if not equals or name in types:
            raise QdialectError(f"{option} {shown(text)}: give one type, or NAME=TYPE once for each name")
        types[name] = type_
    return types


def make_parents(file: str) -> Path:
    """The path of a file to write; the folders that it lies in are made. Raises OSError where they cannot be."""
    target = Path(file)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        raise QdialectError(f"{target}: is a directory; give the name of a file")
    return target
