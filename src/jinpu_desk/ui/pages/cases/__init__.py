"""办件: the list, and one case whole."""
