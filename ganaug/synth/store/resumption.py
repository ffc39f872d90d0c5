"""Resumption: a store's folder is begun, or brought to where images can be added."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ganaug.data.origin import ORIGIN_FILE
from ganaug.errors import StoreError
from ganaug.files import HOW_TO_UNLINK, claim_folder, write_whole
from ganaug.gan.run_folder import GENERATOR, SPLIT
from ganaug.synth.store import manifest
from ganaug.synth.store.meta import META_FILE, Meta, read_meta, write_meta
from ganaug.training.weights import file_digest

logger = logging.getLogger(__name__)


def begin_or_resume(path: Path, meta: Meta, generator: Path) -> Meta:
    """Bring a store's folder to the state in which images can be added.

    A new one gets its meta.json, generator and manifest. One that was cut short gets
    what it lacks, and loses a manifest row that was cut.

    Args:
        path: the store's folder, locked by this process.
        meta: what the store shall be.
        generator: the file of the generator that draws.

    Returns:
        The meta to write images with: that of the store, if there is one.

    Raises:
        StoreError: it is a store of another generator, seed, size or other settings,
            or its generator was altered.
    """
    if (path / META_FILE).is_file():
        meta = _resume(path, read_meta(path), meta)
    else:
        write_meta(path, meta)
    copy = path / GENERATOR
    if not copy.is_file():
        _copy_whole(generator, copy)
    elif file_digest(copy) != meta.generator_sha256:
        raise StoreError(
            f"{copy} was altered; delete it and run the same command again"
        )
    _copy_missing(generator.parent, path)
    table = path / manifest.MANIFEST_FILE
    if table.is_file() and table.stat().st_size and manifest.repair_manifest(table):
        logger.info("%s: dropped a row that was cut short", table)
    if not table.is_file() or not table.stat().st_size:
        manifest.start_manifest(table, meta.extra_columns)
    return meta


def refuse_foreign(path: Path) -> None:
    """Raise StoreError for a file, or a folder that contains something else."""
    claim_folder(path, StoreError, marks=(META_FILE,))


def refuse_other(path: Path, meta: Meta) -> None:
    """Raise StoreError for another store than `meta` describes; write nothing."""
    refuse_foreign(path)
    if (path / META_FILE).is_file():
        _check_same(path, read_meta(path), meta)


def _copy_missing(run: Path, path: Path) -> None:
    """Copy where the real images lie and which were held out, as the run has it."""
    for name in (ORIGIN_FILE, SPLIT):
        if (run / name).is_file() and not (path / name).is_file():
            _copy_whole(run / name, path / name)


def _copy_whole(old: Path, new: Path) -> None:
    if old.is_symlink():
        raise StoreError(f"{old} is a link; {HOW_TO_UNLINK}")
    write_whole(new, lambda hidden: shutil.copyfile(old, hidden))


def _check_same(path: Path, old: Meta, new: Meta) -> None:
    other = _find_other_setting(old, new)
    if other is not None:
        raise StoreError(
            f"{path} was begun with another {other} ({old.config[other]}); use that "
            "one, or choose another --out"
        )
    for name, what in (
        ("data_digest", "set of real images"),
        ("generator_sha256", "generator"),
        ("seed", "seed"),
        ("classes", "set of classes"),
        ("domains", "set of domains"),
        ("size", "size"),
        ("filters", "set of filters"),
        ("labels", "kind of labels"),
    ):
        if getattr(old, name) != getattr(new, name):
            unsaid = name in ("generator_sha256", "data_digest")
            shown = "" if unsaid else f" ({_show(getattr(old, name))})"
            raise StoreError(
                f"{path} was begun with another {what}{shown}; use that one, or choose "
                "another --out"
            )


def _find_other_setting(old: Meta, new: Meta) -> str | None:
    """Name a setting that differs, where images are drawn by settings alone."""
    if old.extra_columns != "styles" or new.extra_columns != "styles":
        return None
    both = [k for k in new.config if k in old.config and k != "styles_from"]
    return next((k for k in both if old.config[k] != new.config[k]), None)


def _resume(path: Path, old: Meta, new: Meta) -> Meta:
    """Return the meta to resume with: the old one, with the newest command.

    One that does not know how its GAN was trained learns it.
    """
    _check_same(path, old, new)
    if old.engine != new.engine:
        logger.warning(
            "%s was begun on %s; images added on %s may differ by 2 grey levels from "
            "what that one draws",
            path, _say(old.engine), _say(new.engine),
        )  # fmt: skip
    now = replace(old, command=new.command, training=old.training or new.training)
    if now != old:
        write_meta(path, now)
    return now


def _show(value: object) -> str:
    return (
        ", ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)
    )


def _say(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
