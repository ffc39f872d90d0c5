"""Train a GAN on scikit-learn's digits, draw images, and read what they are worth.

    python examples/quickstart.py

Give a folder with one subfolder per class in place of "digits" for images of your own.
"""

import ganaug

run = ganaug.train("digits", "digits-run", budget=1, device="cpu")
store = ganaug.synthesize(run.path, "digits-synthetic", per_class=50)
print(store.verdict.sentence)
print(store.manifest.groupby("class")["kept"].mean().round(2))

digits = ganaug.load_images("digits")
mixed = ganaug.SyntheticDataset(digits, store.path, share=0.25)
print(f"{len(mixed)} images in an epoch, {mixed.is_synthetic.sum()} of them synthetic")
print(f"look at them: {ganaug.render_report(store.path)}")
