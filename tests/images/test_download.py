"""Fetching a painter: from a folder, from the cache, from a hub that answers or does not."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from errors import Misconfigured
from images.download import fetch_model, missing_parts
from images.models import find_model

UNKNOWN = find_model("dramatis-tests/no-such-painter")


def whole_painter(folder: Path) -> Path:
    (folder / "vae").mkdir(parents=True)
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text("{}")
    (folder / "vae" / "config.json").write_text("{}")
    (folder / "vae" / "model.safetensors").write_bytes(b"weights")
    index = {
        "_class_name": "ZImagePipeline",
        "vae": ["diffusers", "AutoencoderKL"],
        "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
        "safety_checker": [None, None],
    }
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


@contextmanager
def hub_that_answers(status: int) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_whole_folder_is_used_as_it_is(tmp_path: Path) -> None:
    folder = whole_painter(tmp_path / "mine")
    assert fetch_model(find_model(str(folder)), "", pytest.fail) == folder


def test_what_a_folder_lacks_is_named(tmp_path: Path) -> None:
    folder = whole_painter(tmp_path / "mine")
    (folder / "vae" / "model.safetensors").unlink()
    with pytest.raises(Misconfigured, match=r"vae/\*\.safetensors"):
        fetch_model(find_model(str(folder)), "", print)


def test_a_download_that_was_cut_off_is_not_whole(tmp_path: Path) -> None:
    folder = whole_painter(tmp_path)
    assert missing_parts(folder) == []
    shards = {"weight_map": {"a": "model.safetensors", "b": "model-2.safetensors"}}
    (folder / "vae" / "model.safetensors.index.json").write_text(json.dumps(shards))
    assert missing_parts(folder) == ["vae/*.safetensors"]
    (folder / "vae" / "model-2.safetensors").write_bytes(b"more")
    assert missing_parts(folder) == []
    (folder / "scheduler" / "scheduler_config.json").unlink()
    (folder / "scheduler").rmdir()
    assert missing_parts(folder) == ["scheduler"]
    (folder / "model_index.json").unlink()
    assert missing_parts(folder) == ["model_index.json"]


def test_a_hub_without_the_painter_is_told_with_the_ways_on() -> None:
    said: list[str] = []
    with hub_that_answers(404) as hub, pytest.raises(Misconfigured) as caught:
        fetch_model(UNKNOWN, hub, said.append)
    for word in (UNKNOWN.source, "HF_ENDPOINT", "--image-model"):
        assert word in str(caught.value)
    assert said == [f"Downloading the painter {UNKNOWN.source}; this happens once."]


def test_a_hub_that_cannot_be_reached_is_told_with_the_ways_on() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: every connection is refused
        hub = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Misconfigured, match="could not be downloaded") as caught:
            fetch_model(UNKNOWN, hub, lambda line: None)
    for word in (UNKNOWN.source, hub, "HF_ENDPOINT", "--image-model FOLDER"):
        assert word in str(caught.value)
