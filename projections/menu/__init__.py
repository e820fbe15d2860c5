"""The menu: what can be ordered at an address, from whom, with contact and expected time."""

from projections.menu.model import Menu
from projections.menu.queries import AreaMenu, MenuGroup, MenuItem, MenuOffer, MenuQueries

__all__ = ["AreaMenu", "Menu", "MenuGroup", "MenuItem", "MenuOffer", "MenuQueries"]
