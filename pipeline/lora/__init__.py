"""LoRAs as files, as flat rows of numbers, and several at once on one denoiser."""
