"""Areas of the four levels and their grid cells, coordinates, and which cell a point lies in."""
