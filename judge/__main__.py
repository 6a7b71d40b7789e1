"""``python -m judge`` is the command ``judge``."""

from judge.cli.main import main

main()
