"""The request: its command, dates, machine and versions."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from ganaug import __version__
from ganaug.display.words import say_time
from ganaug.gan.run_folder import GENERATOR
from ganaug.report.run.reading.material import RunMaterial
from ganaug.synth.store import manifest
from ganaug.synth.styled.opening import was_styled


def describe_request(material: RunMaterial) -> dict[str, Any]:
    """Return facts about training and drawing as pairs (name, value)."""
    facts: list[tuple[str, str]] = []
    run, store = material.run, material.store
    if run is not None:
        facts.append(("Run", str(run.path)))
        facts.append(("Training begun", _date(run.path / "config.json")))
        if run.finished:
            facts.append(("Training finished", _date(run.path / GENERATOR)))
        seconds = sum(log.seconds for log in material.logs)
        facts.append(("Time spent training", say_time(seconds)))
    if store is not None:
        meta = store.meta
        facts.append(("Store", str(store.path)))
        facts.append(("Images drawn", _date(store.path / manifest.MANIFEST_FILE)))
        facts.append(("Machine", _say_engine(meta.engine)))
        versions = ", ".join(f"{name} {v}" for name, v in meta.versions.items())
        facts.append(("Versions", versions))
        if was_styled(meta):
            facts.append(("Styles seen by", str(meta.config.get("seen_by", "?"))))
    facts.append(("This report", f"{say_now()}, by ganaug {__version__}"))
    command = "" if store is None else store.meta.command
    return {"command": command, "facts": facts}


def say_now() -> str:
    """Return the present date, hour and minute in local time."""
    return datetime.now().strftime("%Y-%m-%d %H:%M")


def _say_engine(engine: dict[str, str | int]) -> str:
    threads = engine.get("threads", "?")
    words = f"{engine.get('processor', '?')} ({engine.get('device', '?')})"
    return f"{words}, {threads} {'thread' if threads == 1 else 'threads'}"


def _date(path: Path) -> str:
    """Return when the file was last written, in local time."""
    if not path.is_file():
        return "unknown"
    return datetime.fromtimestamp(path.stat().st_mtime).strftime("%Y-%m-%d %H:%M")
