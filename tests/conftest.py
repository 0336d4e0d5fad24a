"""What the tests in a browser share."""

import pytest


@pytest.fixture(scope="session")
def prepared(tmp_path_factory, worker_id):
    """A state folder with the demo city, filled once whatever the number of workers; products start from copies."""
    from tests.product import prepare_once

    base = tmp_path_factory.getbasetemp()
    return prepare_once((base if worker_id == "master" else base.parent) / "prepared")


@pytest.fixture(scope="session")
def product(tmp_path_factory, prepared):
    """The product with the demo city, brought up once for all stories."""
    from tests.product import Product

    running = Product(tmp_path_factory.mktemp("var"), prepared).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def elsewhere():
    """The other side of accounts elsewhere, see accounts/tests/elsewhere.py."""
    from accounts.tests.elsewhere import Elsewhere

    other = Elsewhere()
    yield other
    other.shutdown()
    other.server_close()


@pytest.fixture(scope="module")
def target(tmp_path_factory, prepared, elsewhere):
    """A product that knows accounts elsewhere by its environment; what is done to it, no other module feels."""
    from tests.product import Product

    running = Product(tmp_path_factory.mktemp("target"), prepared)
    running.env |= elsewhere.environment()
    yield running.start()
    running.stop()


@pytest.fixture(scope="module")
def play():
    """Playwright; it ends with the module, because Django's database refuses to work beside its event loop."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=60_000)  # how long a slow machine may take; what is there is found at once
    with sync_playwright() as playing:
        yield playing


@pytest.fixture(scope="module")
def browser(play):
    """A headless Chromium."""
    from tests.product import CHROMIUM, FLAGS

    chromium = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield chromium
    chromium.close()
