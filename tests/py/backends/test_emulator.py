"""The shared object of a project, loaded as CMS' framework does: by name, with create_model and destroy_model."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from xdsl.parser import Parser

import qdialect
from qdialect.compiler.registry import make_context
from qdialect.errors import QdialectError

NETWORK = """
!s4 = !qnn.fixed<4, 2, signed>
!u4 = !qnn.fixed<4, 2, unsigned>
!wide = !qnn.fixed<70, 60, signed>
!sum = !qnn.fixed<71, 61, signed>
func.func @net(%a: tensor<3x!s4>, %b: tensor<3x!wide>) -> (tensor<3x!u4>, tensor<3x!sum>) {
  %x = qnn.relu %a : tensor<3x!s4> -> tensor<3x!u4>
  %y = qnn.add %a, %b : tensor<3x!s4>, tensor<3x!wide> -> tensor<3x!sum>
  func.return %x, %y : tensor<3x!u4>, tensor<3x!sum>
}
"""

ONE = """
!s4 = !qnn.fixed<4, 2, signed>
func.func @net(%a: tensor<2x3x!s4>) -> tensor<2x3x!qnn.fixed<4, 2, unsigned>> {
  %x = qnn.relu %a : tensor<2x3x!s4> -> tensor<2x3x!qnn.fixed<4, 2, unsigned>>
  func.return %x : tensor<2x3x!qnn.fixed<4, 2, unsigned>>
}
"""

FRAMEWORK = """
#include <any>
#include <cstdio>
#include <dlfcn.h>
#include <memory>
#include <string>
#include <tuple>
#include "hls4ml/emulator.h"
#include "ap_int.h"
int main(int, char **arguments) {
    void *library = dlopen((std::string(arguments[1]) + ".so").c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (!library) return std::fprintf(stderr, "%s\\n", dlerror()), 1;
    auto create = (hls4mlEmulator::Model * (*)()) dlsym(library, "create_model");
    auto destroy = (void (*)(hls4mlEmulator::Model *))dlsym(library, "destroy_model");
    if (!create || !destroy) return 2;
    std::shared_ptr<hls4mlEmulator::Model> model(create(), destroy);
    long long word;
    @BODY@
}
"""


def outputs(tmp_path: Path, text: str, body: str, given: str, io_type: str) -> list[int]:
    """What the framework prints of a network with `given` codes."""
    module = Parser(make_context(), text).parse_module()
    project = qdialect.write_hls(module, tmp_path / "net", {"emulator": "cmssw", "io_type": io_type})
    project.make("emulator")
    (tmp_path / "framework.cpp").write_text(FRAMEWORK.replace("@BODY@", body))
    sim = tmp_path / "net/sim"
    command = ["g++", "-std=c++17", "-I", sim, "framework.cpp", "-o", "framework", "-ldl"]
    subprocess.run(command, cwd=tmp_path, check=True)
    run = [tmp_path / "framework", tmp_path / "net/build/net"]
    return [int(n) for n in subprocess.run(run, input=given, capture_output=True, text=True, check=True).stdout.split()]


pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler")


@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
def test_one_input_and_one_output_are_pointers(tmp_path: Path, io_type: str) -> None:
    body = """ap_int<4> a[6]; ap_uint<4> x[6];
    for (int sample = 0; sample < 2; sample++) {
        for (auto &e : a) { std::scanf("%lld", &word); e = word; }
        model->prepare_input(a); model->predict(); model->read_result(x);
        for (auto &e : x) std::printf("%lld ", (long long)e.to_int64());
    }"""
    body = body.replace("prepare_input(a)", "prepare_input(&a[0])").replace("read_result(x)", "read_result(&x[0])")
    codes = [-8, 7, -1, 0, 1, 5, 3, -3, 2, -2, 6, -6]
    assert outputs(tmp_path, ONE, body, " ".join(map(str, codes)), io_type) == [max(code, 0) for code in codes]


def test_several_are_tuples_of_pointers_and_elements_may_be_wide(tmp_path: Path) -> None:
    body = """ap_int<4> a[3] = {-8, 7, 1}; ap_int<70> b[3]; ap_uint<4> x[3]; ap_int<71> y[3];
    for (int i = 0; i < 3; i++) { b[i] = i - 1; b[i] = b[i] << 65; }
    model->prepare_input(std::make_tuple(&a[0], &b[0])); model->predict();
    model->read_result(std::make_tuple(&x[0], &y[0]));
    for (auto &e : x) std::printf("%lld ", (long long)e.to_int64());
    for (auto &e : y) {
        ap_int<71> low = e & ap_int<71>((1LL << 40) - 1);
        std::printf("%lld %lld ", (long long)(e >> 40).to_int64(), (long long)low.to_int64());
    }
    (void)word;"""
    a = [-8, 7, 1]
    sums = [(code << 8) + ((i - 1) << 65) for i, code in enumerate(a)]
    wanted = [*(max(code, 0) for code in a), *(part for n in sums for part in (n >> 40, n & ((1 << 40) - 1)))]
    assert outputs(tmp_path, NETWORK, body, "", "io_parallel") == wanted


def test_other_frameworks(tmp_path: Path) -> None:
    module = Parser(make_context(), ONE).parse_module()
    with pytest.raises(QdialectError, match="emulator 'atlas' is not one of cmssw"):
        qdialect.write_hls(module, tmp_path / "net", {"emulator": "atlas"})
