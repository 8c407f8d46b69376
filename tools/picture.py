"""Takes the README's picture of the chat page: `make picture` while `make up` runs. Needs Chromium and the dev tools."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

SIZE = {"width": 430, "height": 932}
TALK = (
    ("zh-CN", ("楼下的路灯坏了好几天了", "桂花园小区3号楼门口", "小区里路上的", "13800138000", "对")),
    ("en-GB", ("Where do I apply for a senior card for my father?",)),
)


def main(url: str, out: Path) -> None:
    """Two phones side by side, one in each language, in one PNG."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        pictures = []
        for locale, says in TALK:
            page = browser.new_page(locale=locale, viewport=SIZE, device_scale_factor=1)
            page.goto(url)
            for line in says:
                _say(page, line)
            pictures.append(page.screenshot())
            page.close()
        both = browser.new_page(viewport={"width": 2 * SIZE["width"] + 60, "height": SIZE["height"] + 40})
        both.set_content("<body style='margin:20px;display:flex;gap:20px;background:#e9eef2'><img><img></body>")
        for at, png in enumerate(pictures):
            data = list(png)
            both.evaluate(
                "([at, data]) => { document.images[at].src = URL.createObjectURL(new Blob([new Uint8Array(data)])) }",
                [at, data],
            )
        both.wait_for_timeout(500)
        both.screenshot(path=str(out))
        browser.close()


def _say(page: Page, line: str) -> None:
    box = page.get_by_role("textbox")
    box.fill(line)
    box.press("Enter")
    page.wait_for_timeout(2500)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080/", Path("docs/chat.png"))
