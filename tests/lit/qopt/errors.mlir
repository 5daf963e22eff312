// User errors: one line that says what is wrong and what would work, exit status 1, and no output file.
// `not` is lit's own: the line fails if the status is 0, and with pipefail a failing filecheck fails it as well.

// RUN: rm -f %t.out
// RUN: not qopt %t.missing.mlir -o %t.out 2>&1 | filecheck %s --check-prefix=MISSING --match-full-lines
// MISSING:      qopt: error: {{.*}}missing.mlir: no such file
// MISSING-NOT:  {{.+}}

// RUN: not qopt %S/Inputs/not_a_model.h5 -o %t.out 2>&1 | filecheck %s --check-prefix=MODEL --match-full-lines
// MODEL:      qopt: error: {{.*}}not_a_model.h5: not a Keras model file{{.*}}
// MODEL-NOT:  {{.+}}

// RUN: not qopt -f 'keras{input-type=x}' %S/Inputs/not_a_model.h5 2>&1 \
// RUN:   | filecheck %s --check-prefix=READER --match-full-lines
// READER:      qopt: error: -f keras{input-type=x}: without options here; types of inputs are given as {{.*}}
// READER-NOT:  {{.+}}

// RUN: not qopt %S/Inputs/weights.txt -o %t.out 2>&1 | filecheck %s --check-prefix=SUFFIX --match-full-lines
// SUFFIX:      qopt: error: {{.*}}weights.txt: cannot tell what it is; files that end in {{.*}}
// SUFFIX-NOT:  {{.+}}

// RUN: not qopt %S/Inputs/malformed.mlir -o %t.out 2>&1 | filecheck %s --check-prefix=SYNTAX --match-full-lines
// SYNTAX:      qopt: error: {{.*}}malformed.mlir:2:{{[0-9]+}}: expected one of half_even, {{.*}}, got 'half_odd'
// SYNTAX-NOT:  {{.+}}

// RUN: not qopt %s -p canonicalize,fold-batchnrom -o %t.out 2>&1 | filecheck %s --check-prefix=PASS --match-full-lines
// PASS:      qopt: error: unknown pass 'fold-batchnrom'; did you mean 'fold-batchnorm'?
// PASS-NOT:  {{.+}}

// RUN: not qopt %s -p "size-accumulators{width=3}" -o %t.out 2>&1 \
// RUN:   | filecheck %s --check-prefix=OPTION --match-full-lines
// OPTION:      qopt: error: pass 'size-accumulators' has no option 'width'; its options are {{.*}}max-width{{.*}}
// OPTION-NOT:  {{.+}}

// RUN: not qopt %s -p "size-accumulators{width" -o %t.out 2>&1 | filecheck %s --check-prefix=SPEC --match-full-lines
// SPEC:      qopt: error: pass pipeline 'size-accumulators{width': column 24: expected equals, {{.*}} here
// SPEC-NOT:  {{.+}}

// RUN: not qopt %s --optimise -o %t.out 2>&1 | filecheck %s --check-prefix=FLAG --match-full-lines
// FLAG:      qopt: error: unrecognized arguments: --optimise
// FLAG-NOT:  {{.+}}

// RUN: not qopt %s -t vhdl -o %t.out 2>&1 | filecheck %s --check-prefix=TARGET --match-full-lines
// TARGET:      qopt: error: argument -t/--target: invalid choice: 'vhdl' (choose from {{.*}}hls, {{.*}}mlir{{.*}})
// TARGET-NOT:  {{.+}}

// RUN: not qopt %s -t "hls{top=net}" -o %t.out 2>&1 | filecheck %s --check-prefix=TOPTION --match-full-lines
// TOPTION:      qopt: error: target 'hls' has no option 'top'; it has none
// TOPTION-NOT:  {{.+}}

// RUN: not qopt %s --input-type "fixed<8, 3>" -o %t.out 2>&1 | filecheck %s --check-prefix=TYPE --match-full-lines
// TYPE:      qopt: error: --input-type is for model files; in IR the arguments have their types
// TYPE-NOT:  {{.+}}

// The passes have run when the emitter finds that relu of floats has no hardware form.
// RUN: not qopt %s -p canonicalize -t hls -o %t.out 2>&1 | filecheck %s --check-prefix=FLOAT --match-full-lines
// FLOAT:      qopt: error: {{.*}}'x'{{.*}}
// FLOAT-NOT:  {{.+}}

// RUN: not qopt %s -o %s/out 2>&1 | filecheck %s --check-prefix=OUTPUT --match-full-lines
// OUTPUT:      qopt: error: {{.*}}errors.mlir: File exists
// OUTPUT-NOT:  {{.+}}

// None of them left a file.
// RUN: not cat %t.out

func.func @net(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = qnn.relu %x : tensor<4xf32> -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}
