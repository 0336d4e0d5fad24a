"""What the tests in a browser share."""

import pytest


@pytest.fixture(scope="session")
def product(tmp_path_factory):
    """The product with the demo city, brought up once for all stories."""
    from tests.product import Product

    running = Product(tmp_path_factory.mktemp("var")).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def play():
    """Playwright; it ends with the module, because Django's database refuses to work beside its event loop."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playing:
        yield playing


@pytest.fixture(scope="module")
def browser(play):
    """A headless Chromium."""
    from tests.product import CHROMIUM, FLAGS

    chromium = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield chromium
    chromium.close()
