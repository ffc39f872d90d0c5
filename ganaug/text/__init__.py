"""Text: a sequence autoencoder, a GAN on its latents, and new texts out of them."""
