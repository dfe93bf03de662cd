"""How long the gallery of a large cast takes to make and to open: `python -m benchmarks.pages FOLDER`.

FOLDER is filled with 500 characters of 30 posts, 20 of them with pictures of 1024 px, unless it is there already. Made
twice, the second time with nothing to do. Opened from disk in Chromium, which says for how long it could not have
answered a click (its longest task). Needs `chromium`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.browser import chromium
from tests.exhibition import jobs_of, put_batch, put_character
from tests.studio import labeller

ROOT = Path(__file__).parent.parent
CHARACTERS, POSTS, PAINTED, SIDE = 500, 30, 20, 1024
# The longest stretch, in ms, in which the page was busy; 0 when none reached the 50 ms from which the browser counts.
LONGEST_TASK = """() => new Promise(done => {
  new PerformanceObserver(list => done(Math.max(...list.getEntries().map(task => task.duration))))
    .observe({ type: "longtask", buffered: true });
  setTimeout(() => done(0), 500);
})"""


def prepare(folder: Path) -> None:
    """The cast, as a run leaves it."""
    portrait = Image.open(ROOT / "examples" / "portraits" / "mira.png")
    picture = portrait.convert("RGB").resize((SIDE, SIDE))
    for number in range(CHARACTERS):
        name = f"c-{number:03}"
        put_character(folder, name, POSTS, pictures=False)
        for job in jobs_of(folder, put_batch(folder, name, POSTS)) if number < PAINTED else ():
            Path(job.path).parent.mkdir(parents=True, exist_ok=True)
            Path(job.path).write_bytes(labeller().picture_bytes(picture, job, job.seed))


def made(folder: Path) -> float:
    """Seconds that the command took."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "main.py", "--gallery", "--quiet", "--out", folder], cwd=ROOT, check=True)
    return time.perf_counter() - started


def opened(page: Page, address: str) -> tuple[float, float]:
    """Seconds until a page is there with what is to be seen first, and its longest task in seconds."""
    started = time.perf_counter()
    page.goto(address, wait_until="load")
    return time.perf_counter() - started, page.evaluate(LONGEST_TASK) / 1000


def main() -> None:
    folder = Path(sys.argv[1]).absolute()
    if not folder.exists():
        prepare(folder)
    gallery = folder / "output_gallery"
    shutil.rmtree(gallery, ignore_errors=True)
    print(f"{CHARACTERS} characters, {POSTS} posts each, {PAINTED * POSTS} pictures of {SIDE} px")
    print(f"made            {made(folder):6.2f} s")
    print(f"made again      {made(folder):6.2f} s, nothing to do")
    size = sum(path.stat().st_size for path in gallery.rglob("*") if path.is_file())
    print(f"size            {size / 1e6:6.1f} MB")
    with chromium() as context:
        page = context.new_page()
        for what, place in (("the wall", "index.html"), ("a character", "characters/c-000/index.html")):
            seconds, longest = opened(page, (gallery / place).as_uri())
            print(f"{what:<15} {seconds:6.2f} s to open, longest task {longest:.2f} s")
        page.goto((gallery / "index.html").as_uri())
        took = page.evaluate(
            "() => { const field = document.querySelector('input[type=search]'), start = performance.now();"
            "field.value = 'nobody'; field.dispatchEvent(new Event('input')); document.body.offsetHeight;"
            "return performance.now() - start; }"
        )
        print(f"a filter        {took / 1000:6.3f} s")


if __name__ == "__main__":
    main()
