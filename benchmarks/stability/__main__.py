"""Mode collapse and vanishing gradients: what each loss and remedy does about them.

    python -m benchmarks.stability --suite toy --out benchmarks/stability.md
    python -m benchmarks.stability --suite real --part stacked --plan-only

Each finished run is kept on disk and read again; the same command resumes.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from benchmarks.measuring import HERE, Section, positive, update_page
from benchmarks.stability.ahead import TITLE as AHEAD
from benchmarks.stability.ahead import run_ahead
from benchmarks.stability.real import CONDITIONINGS, EQUAL, run_conditions, run_equal
from benchmarks.stability.stacked import TITLE as STACKED
from benchmarks.stability.stacked import run_stacked
from benchmarks.stability.targets import TITLE as TARGETS
from benchmarks.stability.targets import compare_targets
from benchmarks.stability.toy import REMEDIES, run_remedies, run_toy
from benchmarks.stability.toy import TITLE as MODES

PART_HELP = "parts of the suite, all by default"
SET_HELP = "sets of the real suite, such as fashion-mnist-50"
PARTS = {
    "toy": {"modes": run_toy, "remedies": run_remedies, "ahead": run_ahead},
    "real": {
        "stacked": run_stacked,
        "equal": run_equal,
        "conditions": run_conditions,
    },
}

ORDER = (TARGETS, REMEDIES, MODES, STACKED, EQUAL.title, CONDITIONINGS.title, AHEAD)
INTRODUCTION = """\
What goes wrong when a GAN is trained, and what helps, measured where it can be counted.
[docs/losses.md](../docs/losses.md) explains each method and how to switch it on.

- **Some kinds of images never come** (mode collapse): on points, where modes can be
  counted, [What each remedy does](#what-each-remedy-does) and the table and figures
  below it; on images, [Stacked digits](#stacked-digits), where modes can be counted
  too, and [Recipes in equal time](#recipes-in-equal-time), where what counts is how
  much the images of a class vary. In short: on points every loss without a gradient
  penalty loses modes, and R1, R2 or GP bring nearly all back, whatever the loss, if D
  takes no more steps than G. On images wgan-gp and the default find equally many
  kinds. Within a class bce-ns alone varies little (.58 and .28 of real images); with R1
  as much as the default on fashion-mnist (.81 and .79), less on sign-digits (.83 and
  1.02). Of the 1,000 kinds of stacked digits the default misses 78. Its augmentation
  is made for few images and blurs these 26,000 small ones: without it the default
  misses 22, with or without batch_std. In single seeds: a network twice as wide, with
  batch_std and without augmentation, misses 7, where the usual width misses 12; it
  takes three times the minutes, and in those the usual width misses 21.
- **The generator stops learning** because the discriminator is far ahead of it
  (vanishing gradient): [the last section](#a-discriminator-trained-far-ahead). In
  short: of the four losses there, this happens to bce alone.
- **Few images of each class**: [Conditionings](#conditionings). In short: images
  drawn from a real source image (`image`), or warped from it (`image-warp`), come
  nearer to real images than those of a network with the class as its condition
  (`class`), and vary more. With 5 images of a class, 8 to 15 % of all three are nearer
  to a training image than real images are; with 20 and more, fewer than of real ones. A
  pair of networks for each class (`separate`) gets a tenth of the time, and then a
  third of the images is right.

The plan's defaults are those of the row *default*: among the recipes in equal time no
other is at once as right and as various, on both sets. Of the other losses *bce-ns +
R1* comes nearest: on fashion-mnist it draws closer to real images, as various and a
little less often right; on sign-digits it is more often right, less various and less
close, and the overfitting alarm rings in all three runs (the default: in one). With
mode-seeking the default is better by all three measures on sign-digits, and less often
right on fashion-mnist.

    python -m benchmarks.stability --suite toy --out benchmarks/stability.md
    python -m benchmarks.stability --suite real --out benchmarks/stability.md

run what is not in `benchmarks/results/stability/` yet, a file per run, and write this
page. `--row NAME`, `--set NAME-N` and `--only SEED` take single runs of the real
suite, `--data-dir` says where its data are, `--device cuda` trains on a GPU (six
minutes of an H200 for most; a CPU thread would need ten hours by the plan, and judging
adds to that), and `--plan-only` times, on an idle CPU, what has no plan yet."""


def main(words: list[str] | None = None) -> None:
    options = read_options(words)
    parts = PARTS[options.suite]
    for name in options.parts or parts:
        section = parts[name](options)
        if section is not None:
            show(section, options)
    if options.out is not None and (options.out.parent / "results").is_dir():
        section = compare_targets(options.out.parent / "results")
        if section is not None:
            show(section, options)


def show(section: Section, options: argparse.Namespace) -> None:
    print(section.to_markdown())
    if options.out is not None:
        update_page(
            options.out, "Stability", [section], introduction=INTRODUCTION, order=ORDER
        )


def read_options(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.stability", description=__doc__.splitlines()[0]
    )
    add = parser.add_argument
    add("--suite", choices=list(PARTS), default="toy")
    add("--part", nargs="+", default=[], dest="parts", metavar="NAME", help=PART_HELP)
    add("--row", nargs="+", default=[], dest="rows", metavar="NAME")
    add("--seeds", type=positive, help="number of seeds of each row, from 0")
    add("--only", nargs="+", type=int, metavar="K", help="seeds of the real suite")
    add("--set", nargs="+", default=[], dest="sets", metavar="NAME-N", help=SET_HELP)
    add("--device", default="cpu", help="device of the real suite")
    add("--steps", type=positive)
    add("--work", type=Path, default=HERE / "results" / "stability")
    add("--data-dir", default=os.environ.get("GANAUG_DATA", "."))
    add("--minutes", type=float, default=5.0, help="time of a real run, for its plan")
    add("--images", type=positive, help="images of a real run, in place of a plan")
    add("--plan-only", action="store_true", help="time the runs, on an idle machine")
    add("--table-only", action="store_true")
    add("--out", type=Path)
    options = parser.parse_args(words)
    known = PARTS[options.suite]
    wrong = [name for name in options.parts if name not in known]
    if wrong:
        parser.error(
            f"--part {wrong[0]} is not of --suite {options.suite}, which has "
            f"{', '.join(known)}"
        )
    return options


if __name__ == "__main__":
    main()
