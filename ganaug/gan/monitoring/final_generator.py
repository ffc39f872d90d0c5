"""The final generator of a network's training: one of its snapshots."""

from __future__ import annotations

from pathlib import Path

from ganaug.gan.generators import load_generators
from ganaug.gan.inputs.captions import Encode
from ganaug.gan.monitoring.copy_check import CopyCheck
from ganaug.gan.monitoring.quality import QualityWatch
from ganaug.gan.monitoring.snapshot_selection import choose_snapshot, write_choice
from ganaug.gan.monitoring.snapshots import SNAPSHOTS, name_file, read_candidates
from ganaug.gan.networks.embedding import Generator
from ganaug.gan.trainer import Trainer


def take_final(
    run: Path,
    trainer: Trainer,
    watch: QualityWatch,
    check: CopyCheck | None,
    *,
    held: int,
    encode: Encode | None = None,
) -> Generator:
    """Choose the network to draw with; `run/choice.json` says which it is and why.

    Args:
        run: folder of the network's training, which has ended.
        trainer: trainer of the network.
        watch: watch that judged its snapshots.
        check: check for copies, or None where images are made from real ones.
        held: number of held-out images.
        encode: the user's own encoder of captions, if there is one.
    """

    def load(images: int) -> Generator:
        path = run / SNAPSHOTS / name_file(images)
        return load_generators(path, trainer.device, encode=encode).members[0].network

    def is_clean(images: int) -> bool:
        if check is None:
            return True
        drawn = watch.draw(load(images), trainer.device, trainer.span)
        return check.is_clean(drawn, watch.y.numpy())

    choice = choose_snapshot(read_candidates(run), trainer.seen, held, is_clean)
    write_choice(run, choice)
    return trainer.average if choice.last else load(choice.images)
