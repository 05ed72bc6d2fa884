"""Fixtures of the LoRA tests: those of painting."""

from __future__ import annotations

from tests.pipeline.painting.conftest import opened

__all__ = ["opened"]
