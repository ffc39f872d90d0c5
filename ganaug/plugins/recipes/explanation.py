"""Explanation: what a recipe does, why, and what a loop of one's own leaves out."""

from __future__ import annotations

from ganaug.recipe import ADAPTATIONS, PARENT, STARTS, MeasuredRecipe, Recipe

LISA = "lisa"  # needs each image's domain


def explain_recipe(
    measured: MeasuredRecipe, recipe: Recipe, shape: tuple[int, int, int], steps: int
) -> str:
    """Say a recipe in a few lines.

    Args:
        measured: what a gain found.
        recipe: what is trained by.
        shape: (height, width, channels) of the images.
        steps: steps that were measured.

    Example:
        >>> found = MeasuredRecipe(Recipe(), "no difference", "Nothing.", 0, None, {})
        >>> print(explain_recipe(found, Recipe(), (8, 8, 1), 500))
        training: light
        images: 8×8 grey, mirrored nowhere (not known to keep labels)
        synthetic images: none, the verdict is no difference: Nothing.
        as measured: 500 steps with 64 real images each
    """
    height, width, channels = shape
    kinds = {1: "grey", 3: "RGB", 4: "RGBA"}
    lines = [
        f"training: {recipe.say()}",
        f"images: {height}×{width} {kinds.get(channels, channels)}, "
        f"{_say_flips(measured, recipe)}",
        f"synthetic images: {_say_synthetic(measured, recipe)}",
        f"as measured: {steps:,} steps with 64 real images each",
    ]
    if recipe.start == PARENT:
        lines.append(f"network: {STARTS[PARENT]}, see begin")
    lacking = list_lacking(recipe)
    if lacking:
        lines.append(f"left out, needs a loop of its own: {', '.join(lacking)}")
    return "\n".join(lines)


def list_lacking(recipe: Recipe) -> list[str]:
    """List the parts of a recipe that no transform, sampler, collate or loss does.

    Example:
        >>> list_lacking(Recipe(mix="lisa", invariance="mixstyle"))
        ['lisa', 'mixstyle']
    """
    lacking = [recipe.mix] * (recipe.mix == LISA)
    lacking += ["logit adjustment in each domain"] * recipe.adjusted_in_domains
    lacking += [ADAPTATIONS[recipe.adaptation]] * (recipe.adaptation != "none")
    lacking += [recipe.invariance] * (recipe.invariance != "none")
    return lacking


def _say_flips(measured: MeasuredRecipe, recipe: Recipe) -> str:
    if measured.flips is None:
        return "mirrored nowhere (not known to keep labels)"
    ways = zip(("left-right", "up-down"), measured.flips, strict=True)
    safe = [way for way, keeps in ways if keeps and recipe.flips]
    return f"mirrored {' and '.join(safe)}" if safe else "not mirrored"


def _say_synthetic(measured: MeasuredRecipe, recipe: Recipe) -> str:
    if not recipe.share:
        return f"none, the verdict is {measured.verdict}: {measured.sentence}"
    share = f"{100 * recipe.share:.0f} % of each batch"
    return f"{share}, the verdict is {measured.verdict}: {measured.sentence}"
