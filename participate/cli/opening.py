"""The application as commands open it, and how they tell how far they are and what was wrong."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from participate.config import Settings, from_environment


def read_settings() -> Settings:
    """The settings of this environment. Raises BadSettings."""
    return from_environment(os.environ)


@contextmanager
def opened() -> Iterator[None]:
    """Inside the application."""
    from participate.app import create_app

    with create_app(read_settings()).app_context():
        yield


@contextmanager
def faults_listed() -> Iterator[None]:
    """Every fault of a file on a line of its own."""
    from participate.kernel.errors import DomainError
    from participate.kernel.words import say

    try:
        yield
    except DomainError as error:
        for fault in error.faults:
            click.echo(f"{fault.field}: {say(f'fault.{fault.code}', 'en', **dict(fault.values))}", err=True)
        raise click.ClickException(f"{len(error.faults)} faults, nothing was written") from error


@contextmanager
def progress(text: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that is told how much is done, of how much."""
    from tqdm import tqdm

    with tqdm(desc=text, unit="", leave=False) as bar:

        def told(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield told
