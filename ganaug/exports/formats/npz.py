"""npz: all pixels and labels as arrays in one file, which `load_images` reads too."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from ganaug.exports.formats.arrow import describe_example
from ganaug.exports.formats.content import Content


def write_npz(path: Path, content: Content) -> None:
    """Write images (n, h, w, c) uint8, labels (n,) int64, class_names, synthetic (n,).

    Where they are known, there are held_out (n,), soft_labels (n, k), and domain (n,)
    with domain_names; -1 is an unknown domain. `about` says as JSON where the images
    come from. Images go to the file one by one.
    """
    selection = content.selection
    shape = (len(selection), *selection.shape)
    known = [*PLAIN, *(name for name in ARRAYS if name in selection.facts)]
    columns: dict[str, list[Any]] = {name: [] for name in known}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("images.npy", "w", force_zip64=True) as opened:
            header = {"descr": "|u1", "fortran_order": False, "shape": shape}
            npy.write_array_header_1_0(opened, header)
            for example in content.iterate():
                opened.write(example.read_pixels().tobytes())
                for name, values in columns.items():
                    values.append(describe_example(example)[name])
        for name, array in _make_arrays(content, columns).items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as opened:
                npy.write_array(opened, array, allow_pickle=False)


PLAIN = ("label", "synthetic")
ARRAYS = ("held_out", "soft_label", "domain")  # facts that become arrays


def _make_arrays(
    content: Content, columns: dict[str, list[Any]]
) -> dict[str, NDArray[Any]]:
    """Return all arrays but the images."""
    arrays: dict[str, NDArray[Any]] = {
        "labels": np.array(columns["label"], np.int64),
        "class_names": np.array(content.selection.classes, np.str_),
        "synthetic": np.array(columns["synthetic"], bool),
        "about": np.array(json.dumps(content.about, ensure_ascii=False)),
    }
    if "held_out" in columns:
        arrays["held_out"] = np.array(list(map(bool, columns["held_out"])), bool)
    if "soft_label" in columns:
        arrays["soft_labels"] = np.array(columns["soft_label"], np.float32)
    if "domain" in columns:
        arrays |= _number_domains(columns["domain"])
    return arrays


def _number_domains(domains: list[str | None]) -> dict[str, NDArray[Any]]:
    names = sorted({name for name in domains if name is not None})
    numbers = {name: k for k, name in enumerate(names)}
    found = [-1 if name is None else numbers[name] for name in domains]
    return {
        "domain": np.array(found, np.int64),
        "domain_names": np.array(names, np.str_),
    }
