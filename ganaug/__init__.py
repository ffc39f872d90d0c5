"""ganaug: a GAN on your own labelled images, and labelled images out of it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ganaug.config import TrainConfig
    from ganaug.data.images import LabelledImages
    from ganaug.data.load import load_images
    from ganaug.data.unlabelled import UnlabelledImages, load_unlabelled
    from ganaug.errors import GanaugError
    from ganaug.evaluation.evaluation import evaluate
    from ganaug.exports.appended_table import append_to_table
    from ganaug.exports.generators import export_generator
    from ganaug.exports.stores import export_store
    from ganaug.gain.judgement.result import GainResult
    from ganaug.gain.measuring import measure_gain
    from ganaug.gan.plan import plan_training
    from ganaug.gan.run_folder import Run
    from ganaug.gan.training import train
    from ganaug.mixing.dataset import SyntheticDataset
    from ganaug.plugins.imbalanced_learn import GANSampler
    from ganaug.plugins.lightning import SyntheticDataModule
    from ganaug.plugins.recipes.training_recipe import load_recipe
    from ganaug.report.rendering import render_report
    from ganaug.synth.store.store import Store
    from ganaug.synth.styled.ordering import style_images
    from ganaug.synth.synthesis import synthesize
    from ganaug.synth.synthesizer import Synthesizer
    from ganaug.synth.verification import verify
    from ganaug.text.augmenter import TextAugmenter
    from ganaug.translate.settings import TranslateConfig
    from ganaug.translate.style.transfer import StyleTransfer
    from ganaug.translate.training import train_translator
    from ganaug.translate.translator import Translator

__version__ = "0.1.0"

# public name → module; imported at first use, so that `import ganaug` stays light
_HOMES = {
    "GANSampler": "ganaug.plugins.imbalanced_learn",
    "GainResult": "ganaug.gain.judgement.result",
    "GanaugError": "ganaug.errors",
    "LabelledImages": "ganaug.data.images",
    "Run": "ganaug.gan.run_folder",
    "Store": "ganaug.synth.store.store",
    "Synthesizer": "ganaug.synth.synthesizer",
    "StyleTransfer": "ganaug.translate.style.transfer",
    "SyntheticDataModule": "ganaug.plugins.lightning",
    "SyntheticDataset": "ganaug.mixing.dataset",
    "TextAugmenter": "ganaug.text.augmenter",
    "TrainConfig": "ganaug.config",
    "TranslateConfig": "ganaug.translate.settings",
    "Translator": "ganaug.translate.translator",
    "UnlabelledImages": "ganaug.data.unlabelled",
    "append_to_table": "ganaug.exports.appended_table",
    "evaluate": "ganaug.evaluation.evaluation",
    "export_generator": "ganaug.exports.generators",
    "export_store": "ganaug.exports.stores",
    "load_images": "ganaug.data.load",
    "load_recipe": "ganaug.plugins.recipes.training_recipe",
    "load_unlabelled": "ganaug.data.unlabelled",
    "measure_gain": "ganaug.gain.measuring",
    "plan_training": "ganaug.gan.plan",
    "render_report": "ganaug.report.rendering",
    "style_images": "ganaug.synth.styled.ordering",
    "synthesize": "ganaug.synth.synthesis",
    "train": "ganaug.gan.training",
    "train_translator": "ganaug.translate.training",
    "verify": "ganaug.synth.verification",
}

__all__ = [
    "GANSampler",
    "GainResult",
    "GanaugError",
    "LabelledImages",
    "Run",
    "Store",
    "StyleTransfer",
    "Synthesizer",
    "SyntheticDataModule",
    "SyntheticDataset",
    "TextAugmenter",
    "TrainConfig",
    "TranslateConfig",
    "Translator",
    "UnlabelledImages",
    "append_to_table",
    "evaluate",
    "export_generator",
    "export_store",
    "load_images",
    "load_recipe",
    "load_unlabelled",
    "measure_gain",
    "plan_training",
    "render_report",
    "style_images",
    "synthesize",
    "train",
    "train_translator",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ganaug' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
