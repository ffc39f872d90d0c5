"""imagefolder: class folders with metadata, as Hugging Face's `datasets` reads them."""

from __future__ import annotations

from pathlib import Path

from ganaug.exports.formats.arrow import write_rows
from ganaug.exports.formats.content import Content
from ganaug.exports.selection import Example
from ganaug.files import write_quickly, write_text

METADATA_FILE = "metadata.parquet"
CARD_FILE = "README.md"
SPLIT = "train"  # real and synthetic images are all for training


def write_image_folder(folder: Path, content: Content) -> None:
    """Write `train/<class>/*.png`, `train/metadata.parquet` and a dataset card.

    The PNG files of synthetic images are byte for byte those of the store. Metadata
    are Parquet, since that alone can say which classes the labels are.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    part = folder / SPLIT
    part.mkdir()
    for name in content.selection.store.meta.folders.values():
        (part / name).mkdir()

    def save(example: Example) -> dict[str, str]:
        write_quickly(str(part / example.name), example.read_png())
        return {"file_name": example.name}

    text = {"dtype": "string", "_type": "Value"}
    write_rows(part / METADATA_FILE, content, {"file_name": text}, save)
    write_text(folder / CARD_FILE, content.card)
