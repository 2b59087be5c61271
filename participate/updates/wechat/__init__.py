"""Whom of WeChat a person is, so that they can be told there."""
