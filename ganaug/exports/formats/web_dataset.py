"""webdataset: tar files of a thousand images, which training reads as a stream."""

from __future__ import annotations

import io
import json
import tarfile
from contextlib import ExitStack
from pathlib import Path

from ganaug.exports.formats.arrow import describe_example
from ganaug.exports.formats.content import Content
from ganaug.exports.formats.image_folder import CARD_FILE, SPLIT
from ganaug.exports.selection import Example
from ganaug.files import write_text

PER_SHARD = 1000  # images
MOST_SHARDS = 256  # they are all open at once
KEY_DIGITS = 9


def write_web_dataset(folder: Path, content: Content) -> None:
    """Write shards with `.png`, `.cls` (the label) and `.json` of each image.

    Images are dealt out to the shards in turn, so that every shard has every class.
    The bytes depend on the images alone.
    """
    number = count_shards(len(content.selection))
    with ExitStack() as stack:
        shards = [
            stack.enter_context(tarfile.open(folder / name_shard(k), "w"))
            for k in range(number)
        ]
        for i, example in enumerate(content.iterate()):
            _add(shards[i % number], f"{i:0{KEY_DIGITS}d}", example)
    write_text(folder / CARD_FILE, content.card)


def count_shards(images: int) -> int:
    """Return the number of shards for so many images, at least one.

    Example:
        >>> count_shards(0), count_shards(1001), count_shards(10**9)
        (1, 2, 256)
    """
    return min(MOST_SHARDS, max(1, -(-images // PER_SHARD)))


def name_shard(number: int) -> str:
    """Return the file name of a shard.

    Example:
        >>> name_shard(3)
        'train-000003.tar'
    """
    return f"{SPLIT}-{number:06d}.tar"


def _add(shard: tarfile.TarFile, key: str, example: Example) -> None:
    facts = json.dumps(describe_example(example), ensure_ascii=False)
    for ending, data in (
        ("png", example.read_png()),
        ("cls", str(example.label).encode()),
        ("json", facts.encode()),
    ):
        entry = tarfile.TarInfo(f"{key}.{ending}")
        entry.size = len(data)
        shard.addfile(entry, io.BytesIO(data))
