"""`python -m adapters.cli`: the same as `sidan`."""

from adapters.cli import main

main()
