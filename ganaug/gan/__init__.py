"""The GAN, from noise to images: its objective, inputs, networks, trainer and plan."""
