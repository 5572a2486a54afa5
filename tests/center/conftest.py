"""A broker, a center in a process of its own, a box that speaks the contract, and a browser."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from edgeguard.center.database import Database
from tests.center.support import Box, CenterProcess, running_center
from tests.support.mosquitto import Mosquitto

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path_factory.mktemp("broker"))
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture(scope="module")
def center(broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CenterProcess]:
    yield from running_center(tmp_path_factory.mktemp("center"), broker.port)


@pytest.fixture(scope="module")
def cookies(center: CenterProcess) -> dict[str, str]:
    """Of somebody who has logged in."""
    return center.cookies()


@pytest.fixture(scope="module")
def client(center: CenterProcess) -> Iterator[httpx.Client]:
    with center.client() as logged_in:
        yield logged_in


@pytest.fixture
def box(broker: Mosquitto) -> Iterator[Box]:
    with Box(broker.port) as connected:
        yield connected


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    # What a browser on a desk does: silent until somebody has clicked.
    args.append("--autoplay-policy=document-user-activation-required")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=args)
        yield chromium
        chromium.close()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def database(data_dir: Path) -> Iterator[Database]:
    opened = Database(data_dir / "center.sqlite3")
    opened.open()
    yield opened
    opened.close()
