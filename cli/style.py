"""`ganaug style CONTENT --styles DIR`: images in the look of others."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from .shared.completion import LABELS, complete_from
from .shared.options import (
    Budget,
    Device,
    DomainFrom,
    DomainRegex,
    DomainsInside,
    DomainsOutside,
    GroupRegex,
    Pages,
    Scale,
    Settings,
    Strict,
)
from .shared.planning import parse_minutes, read_rules
from .shared.results import count_images, print_result
from .shared.verdict import Require, check_require, enforce
from .shared.waiting import start
from .synth_request import read_filters
from .train import default_place

ENGINES = ("generate", "optimise")
FEATURES = ("random", "classifier")
OWN_STYLES = ("within-class", "any")


def style(
    content: Annotated[
        str,
        typer.Argument(
            metavar="CONTENT",
            help="Labelled images, as for train; or an image, or a folder of images, "
            "without classes.",
        ),
    ],
    styles: Annotated[
        str,
        typer.Option(
            metavar="DIR|FILE|within-class|any",
            help="Images whose look the contents take on: a folder, a file, or other "
            "images of CONTENT.",
            autocompletion=complete_from(OWN_STYLES),
        ),
    ],
    per_class: Annotated[
        int | None,
        typer.Option(help="Images of each class; default as many as the largest has."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for images; default <content>-styled.")
    ] = None,
    engine: Annotated[
        str,
        typer.Option(
            help="generate: train a network that draws at once; optimise: draw each "
            "image by gradient descent, exact and slow.",
            autocompletion=complete_from(ENGINES),
        ),
    ] = "generate",
    alpha: Annotated[
        float, typer.Option(help="From 0, the content as it is, to 1, the whole style.")
    ] = 1.0,
    strength: Annotated[
        float, typer.Option(help="Factor of the style in what is drawn.")
    ] = 1.0,
    preserve_colour: Annotated[
        bool, typer.Option("--preserve-colour", help="Keep the contents' colours.")
    ] = False,
    features: Annotated[
        str,
        typer.Option(
            help="Network that looks at styles: random, or classifier, which learns "
            "the contents' classes.",
            autocompletion=complete_from(FEATURES),
        ),
    ] = "random",
    vgg_weights: Annotated[
        Path | None,
        typer.Option(help="torchvision's weight file of VGG19, in place of these."),
    ] = None,
    download: Annotated[
        bool, typer.Option("--download", help="Download these weights (550 MB).")
    ] = False,
    seed: Annotated[int, typer.Option(help="Another seed pairs others.")] = 0,
    filters: Annotated[
        str | None, typer.Option(help="Some of label,style,duplicate, or none.")
    ] = None,
    labels: Annotated[
        str,
        typer.Option(
            help="hard, or soft: add the probability of each class.",
            autocompletion=complete_from(LABELS),
        ),
    ] = "hard",
    budget: Budget = None,
    settings: Settings = None,
    device: Device = "auto",
    group_regex: GroupRegex = None,
    domain_regex: DomainRegex = None,
    domains_outside: DomainsOutside = False,
    domains_inside: DomainsInside = False,
    domain_from: DomainFrom = None,
    pages: Pages = "first",
    scale: Scale = None,
    strict: Strict = False,
    require: Require = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object at the end.")
    ] = False,
) -> None:
    """Write images in the look of others; the same command resumes."""
    start("ganaug.synth.styled.ordering")
    from ganaug.config import parse_settings
    from ganaug.synth.bar import show_synthesis
    from ganaug.synth.store.resumption import refuse_foreign
    from ganaug.synth.styled.contents import read_contents
    from ganaug.synth.styled.filters import STYLE_FILTERS
    from ganaug.synth.styled.ordering import style_images
    from ganaug.training.bar import show_training
    from ganaug.translate.style.settings import StyleConfig

    from .shared.console import printable, progress
    from .shared.waiting import reading

    check_require(require)
    names, kind = read_filters(filters, labels, tuple(STYLE_FILTERS))
    network = choose_features(features, vgg_weights, download=download)
    rules = read_rules(
        group_regex=group_regex,
        domain_regex=domain_regex,
        domains_outside=domains_outside,
        domains_inside=domains_inside,
        domain_from=domain_from,
        pages=pages,
        scale=scale,
    )
    out = out or default_place(content, "-styled")
    refuse_foreign(out)
    with reading() as tell:
        images, origin = read_contents(content, rules, strict=strict, tell=tell)
    for note in images.notes:
        progress.print(f"note: {printable(note)}", soft_wrap=True)
    before = count_images(out)
    with show_training(progress) as follow, show_synthesis(progress) as update:
        store = style_images(
            images,
            styles,
            out,
            per_class=per_class,
            engine=engine,  # type: ignore[arg-type]
            features=network,
            alpha=alpha,
            strength=strength,
            preserve_colour=preserve_colour,
            budget=parse_minutes(budget),
            seed=seed,
            filters=names,
            labels=kind,
            origin=origin,
            device=device,
            command=shlex.join(["ganaug", *sys.argv[1:]]),
            set=parse_settings(settings or [], StyleConfig),
            training=follow,
            progress=update,
        )
    seen_by = printable(store.meta.config.get("seen_by", "an unknown network"))
    progress.print(f"note: styles were seen by {seen_by}", soft_wrap=True)
    print_result(store, before, as_json)
    enforce(store, require)


def choose_features(
    features: str, weights: Path | None, *, download: bool
) -> str | Path:
    """Return what looks at styles; weights are downloaded where that is asked for.

    Raises:
        ConfigError: options exclude each other.
        MissingExtraError: the weights are not there, or cannot be downloaded.

    Example:
        >>> choose_features("random", None, download=False)
        'random'
    """
    from ganaug.classify.pretrained import download_weights
    from ganaug.errors import ConfigError, MissingExtraError

    from .shared.waiting import working

    if (weights is not None or download) and features != "random":
        raise ConfigError(
            f"--features {features} and VGG19's weights exclude each other; give one"
        )
    if weights is not None and download:
        raise ConfigError("--vgg-weights and --download exclude each other; give one")
    if weights is not None and not weights.is_file():
        raise MissingExtraError(
            f"there is no weight file {weights}; --download gets it"
        )
    if download:
        with working("looking for VGG19's weights; downloading them takes minutes"):
            return download_weights("vgg19")
    return weights or features
