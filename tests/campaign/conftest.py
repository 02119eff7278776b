"""The command line run in this process, and small models, as in the tests of those rooms."""

from tests.cli.conftest import cli
from tests.inference.conftest import save_model

__all__ = ["cli", "save_model"]
