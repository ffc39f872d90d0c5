"""What `ganaug gain` prints at its end: scores, gains, the verdict, what to do next."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from ganaug.data.recorded.rules import Rules
    from ganaug.gain.judgement.result import GainResult
    from ganaug.gain.shifts.scores import ShiftedScores

SCORES = {
    "balanced_accuracy": "balanced accuracy",
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "log_loss": "log-loss",
    "calibration_error": "calibration error",
}


def print_result(result: GainResult, data: str, as_json: bool, rules: Rules) -> None:
    """Print a finished gain.

    Args:
        result: what was measured.
        data: the data, as the command has them.
        as_json: whether a program reads it.
        rules: how the data were read, for the next commands.
    """
    import json

    from ganaug.gain.protocol.arms import OPPONENT, title_arm

    from .shared.console import make_table, printable, results

    if as_json:
        found = {
            "gain": str(result.path),
            "verdict": result.verdict.to_dict(),
            "gains": {name: gain.to_dict() for name, gain in result.gains.items()},
            "details": result.details.to_dict(),
        }
        typer.echo(json.dumps(found))
        return
    results.print(make_table("arms, means over splits", *_tabulate_arms(result)))
    title = f"gain with {result.verdict.images} over"
    results.print(make_table(title, *_tabulate_gains(result)))
    if result.details.cells:
        results.print(
            make_table("recognised without → with GAN, %", *_tabulate_cells(result))
        )
    shifted = result.details.shifted
    if shifted is not None:
        title = f"{shifted.say_tested()}, balanced accuracy %"
        results.print(
            make_table(title, *_tabulate_shifted(shifted, result.verdict.kind))
        )
    for note in result.details.notes:
        results.print(f"note: {printable(note)}", soft_wrap=True)
    failed = result.details.failed_fits
    if failed:
        results.print(f"note: failed fits, each omitted with its pair: {failed}")
    least = result.details.minimum_detectable_gain
    if least is not None:
        results.print(
            f"a true gain of {100 * least:.1f} points over the "
            f"{title_arm(OPPONENT, result.verdict.kind)} would be found in 8 of 10 "
            "such measurements",
            soft_wrap=True,
        )
    results.print(f"{result.verdict.word}: {result.verdict.sentence}", soft_wrap=True)
    if shifted is not None:
        results.print(shifted.say(), soft_wrap=True)
    _print_next(result, data, rules)


def _print_next(result: GainResult, data: str, rules: Rules) -> None:
    """Print what else was found, and which commands use it and show more."""
    from ganaug.gain.judgement.verdict import say_carried

    from .shared.console import printable, results

    carried = result.details.carried
    if carried is not None:
        results.print(say_carried(carried), soft_wrap=True)
    if result.verdict.word == "helps" or result.carrier:
        command = _write_next(result, data, rules)
        results.print(f"next: {printable(command)}", soft_wrap=True)
    page = shlex.join(["ganaug", "report", str(result.path)])
    results.print(f"more: {printable(page)}", soft_wrap=True)
    results.print("what was found best, for your own training loop:")
    for line in _list_lines(result, data):
        results.print(printable(line), soft_wrap=True)


def _list_lines(result: GainResult, data: str) -> list[str]:
    """List the lines that bring the best training into a loop of the user's own."""
    from ganaug.report.gain.advice import name_store
    from ganaug.report.gain.material import open_gain
    from ganaug.report.gain.snippets import write_lines

    material = open_gain(result.path, data)
    helps = result.verdict.word == "helps" or result.carrier
    code = write_lines(material, name_store(material) if helps else None)
    return code.splitlines()


def _write_next(result: GainResult, data: str, rules: Rules) -> str:
    """Return the command that makes a store of what helped."""
    from ganaug.report.gain.advice import list_style_words

    options = result.details.options
    if "style" in options:
        words = list_style_words(result, data)
        return shlex.join([*words, *rules.list_options()])
    words = ["ganaug", "synth", data]
    pool = options.get("unlabelled")
    if pool:
        words += ["--unlabelled", pool]
    if "start" in options:
        words += ["--start", options["start"]]
    if result.details.cells:
        words.append("--fill")
    else:
        rules = replace(rules, domain_from=None)
    words += rules.list_options()
    return shlex.join([*words, "--recipe", str(result.path)])


Lines = tuple[tuple[str, ...], list[tuple[str, ...]]]  # columns, rows


def _tabulate_arms(result: GainResult) -> Lines:
    from ganaug.gain.protocol.arms import title_arm

    titles, kind = SCORES, result.verdict.kind
    if result.details.cells:
        from ganaug.gain.domains.scoring import TITLES

        titles = {**TITLES, **SCORES}
    columns = ("arm", *(f"{title} #" for title in titles.values()))
    rows = [
        (
            title_arm(name, kind),
            *(_say_score(score, scores.get(score)) for score in titles),
        )
        for name, scores in result.details.arms.items()
    ]
    return columns, rows


def _say_score(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if name == "log_loss" else f"{100 * value:.1f} %"


def _tabulate_cells(result: GainResult) -> Lines:
    """Return a row per class: its images in each domain, and how many are recognised.

    Cells that the verdict is about have a star.
    """
    rows: dict[str, list[str]] = {}
    for cell in result.details.cells:
        shares = [
            "–" if share is None else f"{100 * share:.0f}"
            for share in (cell.opponent, cell.synthetic)
        ]
        star = "*" if cell.tested else ""
        said = f"{cell.images}{star}: {shares[0]} → {shares[1]}"
        rows.setdefault(cell.label, []).append(said)
    domains = dict.fromkeys(cell.domain for cell in result.details.cells)
    return ("class", *domains), [(name, *own) for name, own in rows.items()]


def _tabulate_shifted(shifted: ShiftedScores, kind: str) -> Lines:
    """Return a row per arm: its mean over all versions, and over each corruption's."""
    from ganaug.gain.protocol.arms import title_arm

    rows = []
    for arm, scores in shifted.arms.items():
        means = [shifted.average(arm), *(sum(s) / len(s) for s in scores.values())]
        title = title_arm(arm, kind)
        rows.append((title, *(f"{100 * mean:.1f}" for mean in means)))
    names = next(iter(shifted.arms.values()), {})
    return ("arm", "mean #", *(f"{name} #" for name in names)), rows


def _tabulate_gains(result: GainResult) -> Lines:
    from ganaug.gain.protocol.arms import title_arm

    columns = ("against", "points #", "95 % interval", "p #")
    rows: list[tuple[str, ...]] = []
    for name, gain in result.gains.items():
        interval = f"{100 * gain.low:+.1f} … {100 * gain.high:+.1f}"
        p = f"{gain.p:.3f}"
        if gain.n == 1:
            interval = p = "–"
        title = title_arm(name, result.verdict.kind)
        rows.append((title, f"{100 * gain.mean:+.1f}", interval, p))
    return columns, rows
