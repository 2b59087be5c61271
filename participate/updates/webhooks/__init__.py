"""Webhooks: the public steps of an area or a unit, told to a machine that asked for them."""
