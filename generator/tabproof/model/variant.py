"""The two ways in which each sample is written."""

from __future__ import annotations

from typing import Literal, TypeAlias

Variant: TypeAlias = Literal["library", "stdlib"]
VARIANTS: tuple[Variant, ...] = ("library", "stdlib")
