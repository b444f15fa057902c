"""Start the server: from its configuration to its exit status."""

import gc
from dataclasses import replace
from pathlib import Path

from petsage.bootstrap import default_config_path, load
from petsage.core.lifecycle import Phase
from petsage.deferred_patterns import compile_deferred_soon
from petsage.server import serve
from petsage.server.logging import set_up_logging
from petsage.server.sockets import bind
from petsage.settings import Settings


def start(config: Path | None, host: str | None = None, port: int | None = None) -> int:
    """Serve until a signal ends it; return the exit status.

    `config` is the file to read, None for `config.yml` in this folder or the defaults; `host` and `port` override it.
    The address is bound before any feature starts. Raise `ConfigError`, or `ListenError`.
    """
    loaded = load(default_config_path(config))
    core = loaded.core
    settings = _overridden(core.settings(), host, port)
    core.settings.override(settings)
    core.lifecycle().subscribe(_finish_start)
    set_up_logging(settings.log)
    return serve(loaded, bind(settings.server))


def _overridden(settings: Settings, host: str | None, port: int | None) -> Settings:
    if host is None and port is None:
        return settings
    server = settings.server
    host, port = server.host if host is None else host, server.port if port is None else port
    return replace(settings, server=server._replace(unix_socket=None, host=host, port=port))


def _finish_start(phase: Phase) -> None:
    """Exempt all objects from garbage collection once the features are up: few of them are freed before the end."""
    if phase is Phase.UP:
        gc.freeze()
        compile_deferred_soon()
