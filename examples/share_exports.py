"""Export images for Hugging Face and a generator as ONNX; use both without ganaug.

Needs a run and a store of a folder `photos/train` with one subfolder per class, and
some packages:

    ganaug train photos/train --out photos-run
    ganaug synth photos-run --per-class 500 --out photos-synthetic
    pip install 'ganaug[parquet,onnx]' datasets
    python examples/share_exports.py

Read both README.md files before you share anything, and name the licence that the real
images allow.
"""

import json

import numpy as np
import onnxruntime
from datasets import load_dataset
from PIL import Image

from ganaug import export_generator, export_store

PER_CLASS = 8

export_store(
    "photos-synthetic", "photos-hf", format="imagefolder", real=True, license="other"
)
export_generator("photos-run", "photos-onnx", format="onnx", license="other")

# from here on, nothing needs ganaug: the images …
table = load_dataset("imagefolder", data_dir="photos-hf", split="train")
training = table.filter(lambda row: not row["held_out"])
validation = table.filter(lambda row: row["held_out"])  # real, and new to the GAN
print(f"classes: {', '.join(table.features['label'].names)}")
print(f"{sum(training['synthetic'])} of {len(training)} training images are synthetic")
print(f"{len(validation)} real images are left for validation")

# … and the generator
session = onnxruntime.InferenceSession("photos-onnx/generator.onnx")
facts = session.get_modelmeta().custom_metadata_map
classes = json.loads(facts["classes"])
labels = np.repeat(np.arange(len(classes)), PER_CLASS)
size = (len(labels), int(facts["latent"]))
latents = np.random.default_rng(0).standard_normal(size, np.float32)
(images,) = session.run(None, {"labels": labels, "latents": latents})

# one picture, with a row of images for each class
n, height, width, channels = images.shape
grid = images.reshape(len(classes), PER_CLASS, height, width, channels)
grid = grid.swapaxes(1, 2).reshape(len(classes) * height, PER_CLASS * width, channels)
Image.fromarray(grid.squeeze(2) if channels == 1 else grid).save("photos-onnx.png")
print(f"drew {n} images into photos-onnx.png")
