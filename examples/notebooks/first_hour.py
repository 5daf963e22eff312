import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="From a trained network to C simulation")


@app.cell
def _():
    import tempfile
    from pathlib import Path

    import marimo as mo
    import numpy as np

    import qdialect

    return Path, mo, np, qdialect, tempfile


@app.cell
def _(mo):
    mo.md("""
    # From a trained network to C simulation

    The example is a network of binary, ternary and power-of-two layers for 8x8 images of digits, trained with QKeras.
    Its file is read without TensorFlow. Every number below is computed when the cell runs.
    """)
    return


@app.cell
def _(Path, np):
    example = Path(__file__).parents[1] / "digits_mlp"
    x, logits, labels = (np.load(example / f"{name}.npy") for name in ("inputs", "logits", "labels"))
    return example, labels, logits, x


@app.cell
def _(example, mo, qdialect):
    module = qdialect.from_keras(example / "model.h5")
    mo.vstack([mo.md("## The network as IR"), mo.plain_text(str(module)[:2000])])
    return (module,)


@app.cell
def _(labels, logits, mo, module, qdialect, x):
    y = qdialect.simulate(module, x)
    assert (y == logits).all()
    accuracy = 100 * (y.argmax(axis=1) == labels).mean()
    mo.md(f"All {y.size} logits are those that Keras computes; {accuracy:.2f} % of the images are classified.")
    return accuracy, y


@app.cell
def _(mo, module, qdialect):
    lowered = qdialect.lower(module, verify=True)
    mo.vstack([mo.md("## After the passes: integers only"), mo.plain_text(str(lowered)[:2000])])
    return (lowered,)


@app.cell
def _(lowered, mo, qdialect, tempfile, x, y):
    with tempfile.TemporaryDirectory() as _folder:
        _project = qdialect.write_hls(lowered, _folder).compile()
        compiled = _project.predict(x)
    assert (compiled == y).all()
    mo.md(f"The compiled C++ gives the same {compiled.size} numbers.")
    return (compiled,)


if __name__ == "__main__":
    app.run()
