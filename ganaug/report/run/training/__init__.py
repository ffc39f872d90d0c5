"""How the GAN was trained."""
