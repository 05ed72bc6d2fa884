"""LoRAs as files, as flat vectors, and several at once on one denoiser."""
