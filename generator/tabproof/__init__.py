"""Tabproof renders one scenario to equivalent code samples and proves each of them."""

__version__ = "0.1.0"
