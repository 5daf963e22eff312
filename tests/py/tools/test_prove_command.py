"""`qdialect prove`: verdicts, certificates, exit statuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from qdialect.tools.cli import main

X, Y = "!qnn.fixed<3, 3, signed>", "!qnn.fixed<6, 6, signed>"
TEXT = f"""
func.func @net(%x: tensor<2x{X}>) -> tensor<2x{Y}> {{
  %k = qnn.constant dense<[[1, 2], [-3, 1]]> : tensor<2x2xi8> as tensor<2x2x!qnn.fixed<3, 3, signed>>
  %y = qnn.dense %x, %k : tensor<2x{X}>, tensor<2x2x!qnn.fixed<3, 3, signed>> -> tensor<2x{Y}>
  func.return %y : tensor<2x{Y}>
}}
"""


@pytest.fixture
def net(tmp_path: Path) -> Path:
    file = tmp_path / "net.mlir"
    file.write_text(TEXT)
    return file


def test_a_network_against_its_lowering(net: Path, tmp_path: Path, capsys) -> None:
    assert main(["prove", str(net), "-o", str(tmp_path / "proof")]) == 0
    assert "certified: 2 of 2 elements" in capsys.readouterr().out
    assert main(["prove", "--check", str(tmp_path / "proof")]) == 0
    assert "certified: 2 of 2 elements" in capsys.readouterr().out


def test_an_input_shows_what_differs(net: Path, tmp_path: Path, capsys) -> None:
    other = tmp_path / "other.mlir"
    other.write_text(TEXT.replace("[-3, 1]", "[-3, 2]"))
    assert main(["prove", str(net), str(other)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("refuted: an input shows that 'y' differs; 1 of 2 elements")
    assert any(line.startswith("input 0: ") for line in lines)


def test_what_is_no_certificate_is_refused(tmp_path: Path, capsys) -> None:
    assert main(["prove", "--check", str(tmp_path)]) == 1
    assert "holds no certificate: certificate.json with imported.mlir and lowered.mlir" in capsys.readouterr().err


def test_what_is_no_module_is_refused(tmp_path: Path, capsys) -> None:
    wrong = tmp_path / "wrong.mlir"
    wrong.write_text("func.func @net(")
    assert main(["prove", str(wrong)]) == 1
    assert f"{wrong}: " in capsys.readouterr().err
