"""Table: a Dataset of columns that behaves as one of Hugging Face's does."""

from types import SimpleNamespace

import numpy as np
import torch


class Table:
    """Columns by name; a row is a dict, and `transform` is given batches of one.

    It has what `datasets.Dataset` has and ganaug uses: column_names, features, format,
    with_format (None or "torch") and columns by their name.
    """

    def __init__(self, columns, *, names, transform=None, kind=None):
        self._columns, self._transform, self._kind = columns, transform, kind
        self.column_names = list(columns)
        self.features = {
            name: SimpleNamespace(names=list(names[name])) if name in names else None
            for name in columns
        }

    @property
    def format(self):
        kwargs = {} if self._transform is None else {"transform": self._transform}
        return {"type": "custom" if kwargs else self._kind, "format_kwargs": kwargs}

    def with_format(self, kind):
        assert kind in (None, "torch")
        names = {name: f.names for name, f in self.features.items() if f}
        return Table(self._columns, names=names, kind=kind)

    def __len__(self):
        return len(next(iter(self._columns.values())))

    def __getitem__(self, key):
        if isinstance(key, str):
            return self._columns[key]
        row = {name: values[key] for name, values in self._columns.items()}
        if self._kind == "torch":
            return {name: _make_tensor(value) for name, value in row.items()}
        if self._transform is None:
            return row
        found = self._transform({name: [value] for name, value in row.items()})
        return {name: values[0] for name, values in found.items()}


def _make_tensor(value):
    pixels = np.asarray(value)
    return torch.tensor(pixels.transpose(2, 0, 1) if pixels.ndim == 3 else value)
