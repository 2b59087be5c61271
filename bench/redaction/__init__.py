"""How many faces and plates are found, and how much is taken for one, on pictures whose truth we can state."""
