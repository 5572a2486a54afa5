"""`edgeguard center`: the control room's page over many boxes."""

import argparse
from pathlib import Path
from typing import Any

from edgeguard.center.app import create_app
from edgeguard.center.config import DEFAULT_DATA, CenterConfig
from edgeguard.center.server import CenterServer
from edgeguard.cli import center_audit, center_keys, center_routes, center_token
from edgeguard.errors import CenterError, ConfigError
from edgeguard.yamlfile import YamlFile, check


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("center", help="the control room's page over many boxes")
    _add_places(parser)
    parser.add_argument("--listen", metavar="HOST:PORT", help="where the page is served (default 127.0.0.1:8080)")
    parser.add_argument("--broker", metavar="HOST:PORT", help="the MQTT broker (default 127.0.0.1:8883)")
    parser.add_argument(
        "--insecure-lab", action="store_true", help="plain MQTT without TLS: for a laboratory, never for a site"
    )
    actions = parser.add_subparsers(dest="action", metavar="[audit | box-token | keys | routes]")
    _add_places(center_audit.add_parser(actions))
    _add_places(center_token.add_parser(actions))
    _add_places(center_keys.add_parser(actions))
    _add_places(center_routes.add_parser(actions))


def _add_places(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings in YAML; the other options win over it")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where the database is kept (default center-data)")


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted. Raises ConfigError and StoreError before anything listens."""
    if args.action == "routes":
        return center_routes.run(args, None if args.config is None else _config(args).routes)
    if args.action == "box-token":
        return center_token.run(args, _data_dir(args))
    if args.action == "audit":
        return center_audit.run(args, _data_dir(args))
    if args.action == "keys":
        return center_keys.run(args, _data_dir(args))
    config = _config(args)
    app = create_app(config)
    app.state.center.open()
    server = CenterServer(app, config)
    try:
        server.run()
    except SystemExit as error:
        # uvicorn has logged why, and leaves the process when it cannot listen.
        raise CenterError(f"{config.address}: the page cannot be served there, see the line above") from error
    return 0


def _data_dir(args: argparse.Namespace) -> Path:
    """A folder needs no broker: settings are read only when there are some."""
    if args.config is None:
        return args.data or DEFAULT_DATA
    return _config(args).data_dir


def _config(args: argparse.Namespace) -> CenterConfig:
    if args.config is None:
        return check(_overlay({}, args), CenterConfig, "command line")
    file = YamlFile(args.config)
    config = file.check(CenterConfig, _overlay({} if file.data is None else file.data, args))
    return config.beside(args.config.resolve().parent)


def _overlay(settings: Any, args: argparse.Namespace) -> Any:  # noqa: ANN401 - YAML is anything
    """The file's settings with the command line's on top; what is no mapping is left to the check."""
    if not isinstance(settings, dict):
        return settings
    merged = dict(settings)
    if args.listen:
        merged["host"], merged["port"] = _host_port(args.listen, "--listen", 8080)
    if args.data:
        # Typed at the terminal, so counted from where it was typed, not from the file.
        merged["data_dir"] = args.data.absolute()
    broker = merged.get("broker", {})
    if isinstance(broker, dict):
        broker = dict(broker)
        if args.broker:
            broker["host"], broker["port"] = _host_port(args.broker, "--broker", 1883 if args.insecure_lab else 8883)
        if args.insecure_lab:
            broker["insecure_lab"] = True
        merged["broker"] = broker
    return merged


def _host_port(value: str, option: str, port: int) -> tuple[str, int]:
    host, colon, number = value.rpartition(":")
    if not colon:
        return value, port
    if not host or not number.isdigit():
        raise ConfigError(f"{option} {value!r}, accepted: HOST or HOST:PORT")
    return host.strip("[]"), int(number)
