"""`python -m participate.cli`."""

from participate.cli import main

main()
