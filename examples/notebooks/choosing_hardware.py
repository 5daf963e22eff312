import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Choosing hardware")


@app.cell
def _():
    from pathlib import Path

    import marimo as mo

    import qdialect

    return Path, mo, qdialect


@app.cell
def _(mo):
    mo.md("""
    # Choosing hardware

    One network, several designs. A reuse factor R takes a sample every R cycles; on streams, pixels come one by one.
    Cycles and look-up tables are estimates, which `make calibrate` holds against synthesis.
    """)
    return


@app.cell
def _(mo):
    reuse = mo.ui.slider(1, 16, value=4, label="reuse factor of the last design")
    reuse
    return (reuse,)


@app.cell
def _(Path, qdialect):
    model = Path(__file__).parents[1] / "digits_cnn" / "model.h5"

    def row(io_type: str, factor: int) -> dict[str, object]:
        """The estimates of a design."""
        design = qdialect.read_design({"model": model, "io_type": io_type, "Model": {"ReuseFactor": factor}})
        result = qdialect.result_of(design)
        return {
            "architecture": io_type,
            "reuse factor": factor,
            "latency": result.latency,
            "interval": result.interval,
            "LUT": result.whole.lut,
        }

    return (row,)


@app.cell
def _(mo, reuse, row):
    designs = [row("io_parallel", 8), row("io_stream", 8), row("io_parallel", reuse.value)]
    mo.ui.table(designs)
    return (designs,)


if __name__ == "__main__":
    app.run()
