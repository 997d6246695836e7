"""The command line."""

from council.cli.root import main

__all__ = ["main"]
