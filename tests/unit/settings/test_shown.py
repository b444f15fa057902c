"""What `config show` prints: all keys, as they are written, and no secret."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from marshmallow import Schema, fields, post_load

from petsage.fields import Duration, SecretText, Size
from petsage.redaction.secret import Secret
from petsage.settings import FeatureSettings, Settings, read
from petsage.settings.effective import effective

Write = Callable[[str | bytes], Path]
MASK = "********"


@dataclass(frozen=True)
class Orders:
    pin: Secret | None = None
    wait: float = 1.5
    size: int = 2048
    price: Decimal = Decimal("1.50")
    door: str = "front"
    names: tuple[str, ...] = ("a",)


class OrdersSchema(Schema):
    pin = SecretText()
    wait = Duration()
    size = Size()
    price = fields.Decimal(data_key="unit-price")
    door = fields.String(load_only=True)
    names = fields.List(fields.String())

    @post_load
    def orders(self, data: dict[str, Any], **kwargs: Any) -> Orders:
        return Orders(**data)


def defaults(base: Path) -> dict[str, Any]:
    return {
        "server": {
            "host": "0.0.0.0",
            "port": 8080,
            "unix_socket": None,
            "drain": "3s",
            "shutdown": "5s",
            "start_timeout": "30s",
            "max_body": "1MiB",
            "access_log": "failures",
            "header_timeout": "20s",
            "body_timeout": "20s",
            "idle_timeout": "1m15s",
            "send_timeout": "1m",
            "max_connections": 1000,
        },
        "log": {"level": "info", "format": "text"},
        "feature_paths": [str(base / "features")],
        "features": {},
        "checks": {},
    }


def test_defaults_are_all_shown(tmp_path: Path) -> None:
    shown = effective(Settings(base=tmp_path, feature_paths=(tmp_path / "features",)), {}, read(None))
    assert shown == defaults(tmp_path)
    assert list(shown) == list(defaults(tmp_path))
    assert list(shown["server"]) == list(defaults(tmp_path)["server"])


def test_a_features_own_section_is_shown_with_its_defaults(write: Write) -> None:
    draft = read(
        write(
            """
            features:
              orders: {required: false, pin: '0000', size: 5000}
              broken: {x: 1, y: [{z: hunter2, on: true, off: }]}
              plain: {enabled: false}
            """
        )
    )
    own = draft.load(("features", "orders"), OrdersSchema(), without={"enabled", "required"})
    orders = draft.settings.feature("orders")._replace(own=own)
    settings = replace(draft.settings, features={**draft.settings.features, "orders": orders})
    shown = effective(settings, {"orders": OrdersSchema(), "new": OrdersSchema()}, draft)
    assert shown["features"] == {
        "orders": {
            "enabled": True,
            "required": False,
            "pin": MASK,
            "size": "5000B",
            "wait": "1.5s",
            "unit-price": "1.50",
            "door": MASK,
            "names": ["a"],
        },
        "new": {"enabled": True, "required": True},
        "broken": {"enabled": True, "required": True, "x": MASK, "y": [{"z": MASK, "on": True, "off": None}]},
        "plain": {"enabled": False, "required": True},
    }
    assert yaml.safe_load(yaml.safe_dump(shown)) == shown


def test_a_section_that_its_schema_cannot_write_is_masked(write: Write) -> None:
    draft = read(write("features: {orders: {wait: 1s}}"))
    settings = Settings(features={"orders": FeatureSettings(own=Orders(wait="soon"))})  # type: ignore[arg-type]  # that is what is wrong
    shown = effective(settings, {"orders": OrdersSchema()}, draft)
    assert shown["features"] == {"orders": {"enabled": True, "required": True, "wait": MASK}}


def test_no_secret_is_shown(write: Write, tmp_path: Path) -> None:
    (tmp_path / "mounted").write_text("hunter2\n")
    source = write(
        """
        server: {host: "${file:mounted}"}
        checks:
          a:
            Token: hunter2
            db_password: hunter2
            client-secret: hunter2
            apiKey: 2222222
            dsn: postgres://hunter2@db/x
            credentials: [hunter2, {user: hunter2}]
            passwd:
            secret_required: true
            url: redis://user:hunter2@db:1/0
            other: ["http://:hunter2@db/", "http://db/?a=1&api_token=hunter2&b=2#c", "x${file:mounted}"]
            plain: ["http://db:80/x", user@db, "$$5", 5, 1.5, null, false]
        """
    )
    draft = read(source)
    draft.finish()
    shown = effective(draft.settings, {}, draft)
    assert shown["server"]["host"] == MASK
    assert shown["checks"]["a"] == {
        "Token": MASK,
        "db_password": MASK,
        "client-secret": MASK,
        "apiKey": MASK,
        "dsn": MASK,
        "credentials": [MASK, {"user": MASK}],
        "passwd": None,
        "secret_required": True,
        "url": f"redis://user:{MASK}@db:1/0",
        "other": [f"http://:{MASK}@db/", f"http://db/?a=1&api_token={MASK}&b=2#c", MASK],
        "plain": ["http://db:80/x", "user@db", "$5", 5, 1.5, None, False],
    }
    assert "hunter2" not in yaml.safe_dump(shown)
