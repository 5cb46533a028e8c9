"""Fixtures of all tests: an own cache and state for each run, and pictures to play with."""

import signal
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def pytest_configure():
    """Signals reach the programs that tests start, also under nohup and in the background, where they are ignored.

    What is ignored on arrival, children inherit: a program that a test means to end would go on.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGHUP", "SIGQUIT", "SIGTERM", "SIGCHLD", "SIGXCPU", "SIGUSR1", "SIGUSR2", "SIGALRM"):
        if (number := getattr(signal, name, None)) and signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory, monkeypatch):
    """No test reads or writes the cache, the journals or the trash of the person who runs it."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("DIFPY_CACHE_DIR", str(home / "cache"))
    monkeypatch.setenv("DIFPY_STATE_DIR", str(home / "state"))
    monkeypatch.setenv("DIFPY_CONFIG_DIR", str(home / "config"))


@pytest.fixture
def reachable():
    """A folder that every user of the machine can reach, which a `tmp_path` is not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder).resolve()


@pytest.fixture(scope="session")
def photo():
    """Maker of pictures that look like no other: `photo(seed, size)` is smooth colour noise, as an RGB image."""

    def make(seed: int, size: tuple[int, int] = (120, 80)) -> Image.Image:
        coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
        return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)

    return make
