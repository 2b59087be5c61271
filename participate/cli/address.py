"""The address that the service listens on."""

import socket

import click


def check_free(host: str, port: int) -> None:
    """Raises ClickException where nobody can listen there.

    The server itself would not notice another one of its kind: it shares its port, so that requests would go to
    either of two services.
    """
    try:
        for family, kind, _protocol, _name, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            with socket.socket(family, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as error:
        raise click.ClickException(
            f"nothing can listen on {host} port {port}: {error.strerror}. Set HOST and PORT to an address that is free."
        ) from error
