"""Reading images and making a plan, for the commands inspect, train and synth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganaug.errors import ConfigError

if TYPE_CHECKING:
    from ganaug.config import TrainConfig
    from ganaug.data.fingerprint import Fingerprint
    from ganaug.data.images import LabelledImages
    from ganaug.data.recorded.rules import Rules
    from ganaug.data.unlabelled import UnlabelledImages
    from ganaug.gan.plan import Plan
    from ganaug.gan.start.parent import Parent

# by the letter at the end of --budget
MOST_MINUTES = 366 * 24 * 60.0
MINUTES_PER_UNIT = {"s": 1 / 60, "m": 1.0, "h": 60.0, "": 1.0}


@dataclass(frozen=True, kw_only=True)
class TrainOptions:
    """Options of a training, as they were typed."""

    budget: str | None = None
    config: Path | None = None
    settings: Sequence[str] = ()
    device: str = "auto"
    fast: bool = False
    start: Path | None = None
    grid: int | None = None

    def check(self) -> None:
        """Raise ConfigError for wrong options before any work is done."""
        from ganaug.config import TrainConfig
        from ganaug.engine import pick_device
        from ganaug.gan.settings.resolve import resolve_config

        parse_minutes(self.budget)
        self.read_start()
        settings = self.read_settings((8, 8))
        pick_device(self.device)
        base = TrainConfig() if self.config is None else read_config(self.config)
        whole = base.replace(**settings)
        if self.config is not None:  # a plan chooses what suits the rest
            resolve_config(whole)

    def read_settings(self, size: tuple[int, int]) -> dict[str, Any]:
        """Read --set and --grid, for images of (height, width) pixels."""
        from ganaug.config import parse_settings
        from ganaug.gan.grids import grid_settings

        settings = parse_settings(self.settings)
        if self.grid is not None:
            settings |= grid_settings(size, self.grid, settings)
        return settings

    def read_start(self) -> Parent | None:
        """Read the networks to begin with, if any."""
        from ganaug.gan.start.parent import read_parent

        return None if self.start is None else read_parent(self.start)

    def settle(self, out: Path) -> TrainOptions:
        """Omit --start where a run began with it that is gone now."""
        from ganaug.gan.start.parent import read_record

        if self.start is None or self.start.exists():
            return self
        record = read_record(out)
        same = record is not None and record["path"] == str(self.start)
        return replace(self, start=None) if same else self


def read_rules(
    *,
    group_regex: str | None,
    domain_regex: str | None,
    domains_outside: bool,
    domains_inside: bool,
    domain_from: str | None,
    pages: str,
    scale: str | None,
) -> Rules:
    """Turn the options that say how images are read into rules, and check them."""
    from ganaug.data.domains.rules import join_rule
    from ganaug.data.recorded.rules import Rules

    rule = join_rule(
        domain_regex=domain_regex,
        domains_outside=domains_outside,
        domains_inside=domains_inside,
        domain_from=domain_from,
    )
    rules = Rules(group_regex, rule, pages, scale)
    rules.check()
    return rules


def follow_config(rules: Rules, config: Path | None) -> Rules:
    """Take pages and scale, where no option says them, from a run or store."""
    from ganaug.data.origin import ORIGIN_FILE, read_origin
    from ganaug.data.recorded.rules import NO_RULES

    from .console import printable, progress

    if config is None or not (config / ORIGIN_FILE).is_file():
        return rules
    own = read_origin(config).rules
    taken: dict[str, Any] = {}
    if rules.pages == "first" and own.pages != "first":
        taken["pages"] = own.pages
    if rules.scale is None and own.scale is not None:
        taken["scale"] = own.scale
    found = replace(rules, **taken)
    if taken:
        said = " ".join(replace(NO_RULES, **taken).list_options())
        progress.print(f"note: {printable(f'{said}, as {config} has')}", soft_wrap=True)
    return found


def read_data(data: str, rules: Rules, *, strict: bool) -> LabelledImages:
    """Read the images, and show meanwhile that they are being read."""
    from .waiting import reading

    with reading() as tell:
        from ganaug.data.recorded.reading import load_by_rules

        return load_by_rules(data, rules, strict=strict, tell=tell)


def read_test(
    test: str, images: LabelledImages, rules: Rules, *, strict: bool
) -> LabelledImages:
    """Read a test set like the training images: their size, range and domains."""
    from .waiting import reading

    rule = rules.domain_from
    clustered = rule is not None and rule.startswith("clusters")
    with reading() as tell:
        from ganaug.data.looks.clusters import cluster_like
        from ganaug.data.recorded.reading import load_like

        if clustered:
            rules = replace(rules, domain_from=None)
        tests = load_like(
            test, images, size=images.size, rules=rules, strict=strict, tell=tell
        )
        return cluster_like(tests, images) if clustered else tests


def parse_unlabelled(words: Sequence[str] | None) -> list[tuple[str, str]]:
    """Read `--unlabelled NAME=DIR`: pairs of a domain's name and a path.

    Example:
        >>> parse_unlabelled(["camera-b=photos/b"])
        [('camera-b', 'photos/b')]
    """
    pairs: list[tuple[str, str]] = []
    for word in words or ():
        name, sign, path = word.partition("=")
        if not (name and sign and path):
            raise ConfigError(f"--unlabelled {word} is not of the form NAME=DIR")
        if name in dict(pairs):
            raise ConfigError(f"--unlabelled {name}=… is given twice; give one folder")
        pairs.append((name, path))
    return pairs


def read_unlabelled(
    pairs: Sequence[tuple[str, str]], like: LabelledImages, *, strict: bool
) -> list[UnlabelledImages]:
    """Read unlabelled images in the form of labelled ones, and show that."""
    from ganaug.data.unlabelled import load_unlabelled

    from .waiting import reading

    with reading() as tell:
        return [
            load_unlabelled(path, name, like, strict=strict, tell=tell)
            for name, path in pairs
        ]


def measure_and_plan(
    images: LabelledImages, options: TrainOptions
) -> tuple[Fingerprint, Plan]:
    """Measure the images and plan a training, and show what is being done."""
    from .waiting import working

    with working("looking for duplicates"):
        from ganaug.data.fingerprint import take_fingerprint

        fingerprint = take_fingerprint(images)
    if not options.fast:
        with working("testing whether flips keep labels (--fast skips this)"):
            from ganaug.classify.flips import with_flips
            from ganaug.engine import pick_device

            fingerprint = with_flips(
                fingerprint, images, device=pick_device(options.device)
            )
    with working("timing some training steps"):
        return fingerprint, choose_plan(images, fingerprint, options)


def parse_minutes(text: str | None) -> float | None:
    """Read minutes from `90s`, `10m`, `1.5h` or a plain number of minutes.

    Example:
        >>> parse_minutes("90s"), parse_minutes("2h"), parse_minutes(None)
        (1.5, 120.0, None)
    """
    if text is None:
        return None
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh]?)\s*", text)
    minutes = float(match[1]) * MINUTES_PER_UNIT[match[2]] if match else 0.0
    if not 0 < minutes <= MOST_MINUTES:
        raise ConfigError(
            f"--budget {text} is not a time up to a year; write for example 90s, 10m "
            "or 1.5h"
        )
    return minutes


def choose_plan(
    images: LabelledImages, fingerprint: Fingerprint, options: TrainOptions
) -> Plan:
    """Plan a training; --config replaces the plan's choices, --set replaces both."""
    from ganaug.engine import pick_device
    from ganaug.gan.plan import make_plan

    return make_plan(
        images,
        fingerprint,
        budget=parse_minutes(options.budget),
        device=pick_device(options.device),
        overrides=options.read_settings(images.size),
        base=None if options.config is None else read_config(options.config),
        parent=options.read_start(),
    )


def read_config(path: Path) -> TrainConfig:
    """Read a complete configuration from a `config.json`, a run or a store."""
    from ganaug.config import TrainConfig
    from ganaug.files import read_json
    from ganaug.gan.run_folder import CONFIG
    from ganaug.synth.store.meta import META_FILE

    if path.is_dir():
        path /= CONFIG if (path / CONFIG).is_file() else META_FILE
    values = read_json(path, ConfigError, cure="give a run, a store or a config.json")
    found = values.get("config", values)
    if not isinstance(found, dict):
        raise ConfigError(f"{path} has no configuration; give a run or a config.json")
    return TrainConfig.from_dict(found)


def plan_rows(plan: Plan) -> list[dict[str, Any]]:
    """List the plan's choices as dicts with the keys choice, value and reason."""
    rows = [
        {"choice": name, "value": value, "reason": plan.reasons.get(name, "")}
        for name, value in plan.config.to_dict().items()
    ]
    time = {"choice": "time", "value": f"{plan.minutes:.1f} minutes"}
    return [*rows, {**time, "reason": f"at {plan.rate:.0f} images/s"}]
