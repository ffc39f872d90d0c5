"""The GAN: networks, losses, steps, loop, checkpoints and plan."""
