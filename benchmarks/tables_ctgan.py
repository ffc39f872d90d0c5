"""CTGAN for benchmarks.tables: python tables_ctgan.py REAL MADE SECONDS SEED WORDS K=N…

It trains on a CSV for about SECONDS of processor time, and writes N rows of each class
K. It runs in a Python of its own, which has the packages ctgan and pandas.
"""

import sys
import time

import numpy as np
import pandas as pd
import torch
from ctgan import CTGAN

BATCH = 100  # of CTGAN; a multiple of its pack of 10


def main() -> None:
    real, made, seconds, seed, words, *wanted = sys.argv[1:]
    torch.set_num_threads(1)
    np.random.seed(int(seed))
    torch.manual_seed(int(seed))
    table = pd.read_csv(real)
    discrete = [word for word in words.split(",") if word] + ["label"]
    started = time.process_time()
    make(1).fit(table, discrete)
    first = time.process_time() - started
    epochs = max(1, measure_epochs(table, discrete, float(seconds), first))
    model = make(epochs)
    model.fit(table, discrete)
    rows = []
    for pair in wanted:
        label, n = map(int, pair.split("="))
        rows.append(draw(model, label, n))
    pd.concat(rows).to_csv(made, index=False)


def make(epochs: int) -> CTGAN:
    return CTGAN(epochs=epochs, batch_size=BATCH, enable_gpu=False, verbose=False)


def measure_epochs(
    table: pd.DataFrame, discrete: list[str], seconds: float, first: float
) -> int:
    """Return how many epochs fit into the seconds; reading the columns counts too."""
    started = time.process_time()
    make(4).fit(table, discrete)
    each = max(1e-3, (time.process_time() - started - first) / 3)
    return int((seconds - first) / each) + 1


def draw(model: CTGAN, label: int, n: int) -> pd.DataFrame:
    """Draw n rows of a class; what CTGAN made of another class is left out at first."""
    drawn = pd.concat([model.sample(2 * n, "label", label) for _ in range(2)])
    own = drawn[drawn["label"] == label]
    return pd.concat([own, drawn]).head(n).assign(label=label)


if __name__ == "__main__":
    main()
