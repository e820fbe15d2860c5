"""Tests leave nothing behind in the checkout."""

from pathlib import Path

from adapters.settings import Settings

ROOT = Path(__file__).parents[2]


def test_a_town_that_says_nothing_of_its_files_has_them_outside_of_the_checkout() -> None:
    town = Settings(store="postgresql://host/town")
    for place in (town.keys_folder, town.checkpoints_file):
        assert not place.resolve().is_relative_to(ROOT)
