"""CTGAN for benchmarks.tables: python tables_ctgan.py REAL MADE SECONDS SEED WORDS K=N…

It trains on a CSV for about SECONDS of processor time, and writes N rows of each class
K. It runs in a Python of its own, which has the packages ctgan and pandas.
"""

import sys
import time
from itertools import takewhile

import numpy as np
import pandas as pd
import torch
from ctgan import CTGAN
from ctgan.synthesizers import ctgan as module

BATCH = 100  # of CTGAN; a multiple of its pack of 10
MOST = 100_000  # epochs


def main() -> None:
    real, made, seconds, seed, words, *wanted = sys.argv[1:]
    started = time.process_time()
    torch.set_num_threads(1)
    np.random.seed(int(seed))
    torch.manual_seed(int(seed))
    table = pd.read_csv(real)
    discrete = [word for word in words.split(",") if word] + ["label"]
    # its epochs end when the time is over; reading the columns counts too
    module.tqdm = lambda epochs, **_: takewhile(
        lambda k: k == 0 or time.process_time() - started < float(seconds), epochs
    )
    model = CTGAN(epochs=MOST, batch_size=BATCH, enable_gpu=False, verbose=False)
    model.fit(table, discrete)
    print(f"CTGAN {time.process_time() - started:.1f} s", flush=True)
    rows = []
    for pair in wanted:
        label, n = map(int, pair.split("="))
        rows.append(draw(model, label, n))
    pd.concat(rows).to_csv(made, index=False)


def draw(model: CTGAN, label: int, n: int) -> pd.DataFrame:
    """Draw n rows of a class; what CTGAN made of another class is left out at first."""
    drawn = pd.concat([model.sample(2 * n, "label", label) for _ in range(2)])
    own = drawn[drawn["label"] == label]
    return pd.concat([own, drawn]).head(n).assign(label=label)


if __name__ == "__main__":
    main()
