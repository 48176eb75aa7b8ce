#!/usr/bin/env python3
"""Opens a report in a headless Chromium and judges what it sees.

    python report_in_browser.py runs/quickstart/report.html --screenshot report.png

No package is needed, only a Chromium (`--chromium`, Debian's package `chromium`). It speaks the
DevTools protocol over a pipe, so that nothing listens on a port. The page passes if

- the console holds no message at all, and the page asks for no other file,
- every figure has a size, holds shapes, and stays inside the window (1,100 and 400 wide),
- text and paper differ enough in light, dark and print (a contrast of 7 to 1),
- it prints to a PDF.

One JSON object is written; the exit code is 1 if something is wrong.
"""

import argparse
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile

FIGURES = """(() => {
  const wide = document.documentElement.clientWidth;
  return [...document.querySelectorAll('svg[role=img]')].map(svg => {
    const box = svg.getBoundingClientRect();
    const shapes = svg.querySelectorAll('path,rect,circle,line').length;
    const fits = box.left >= -1 && box.right <= wide + 1;
    return {name: svg.getAttribute('aria-label'), width: box.width, height: box.height, shapes, fits};
  });
})()"""

CONTRAST = """(() => {
  const light = color => {
    const parts = color.match(/[\\d.]+/g).slice(0, 3).map(part => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const style = getComputedStyle(document.body);
  const [low, high] = [light(style.color), light(style.backgroundColor)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
})()"""


class Browser:
    """A page in a Chromium that is spoken to over two pipes."""

    def __init__(self, program, profile):
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()

        def wire():
            os.dup2(theirs_in, 3)
            os.dup2(theirs_out, 4)

        arguments = ["--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu",
                     "--hide-scrollbars", f"--user-data-dir={profile}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            arguments.append("--no-sandbox")
        self.process = subprocess.Popen([program, *arguments, "about:blank"], preexec_fn=wire,
                                        pass_fds=(3, 4, theirs_in, theirs_out),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self.reads, self.writes = os.fdopen(ours_in, "rb"), os.fdopen(ours_out, "wb")
        self.number, self.buffer, self.events, self.session = 0, b"", [], None

    def ask(self, method, **parameters):
        """Sends a command and waits for its answer; events meanwhile are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.writes.write(json.dumps(message).encode() + b"\0")
        self.writes.flush()
        while True:
            answer = self.hear()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def hear(self):
        while b"\0" not in self.buffer:
            more = os.read(self.reads.fileno(), 1 << 16)
            if not more:
                raise RuntimeError("the browser ended")
            self.buffer += more
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def until(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.hear())

    def value(self, script):
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"]["value"]


def judge(browser, page, screenshot, height):
    target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
    browser.session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Network"):
        browser.ask(f"{domain}.enable")
    problems, report = [], {"page": page.name, "bytes": page.stat().st_size}

    def size(width, tall):
        browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=tall, deviceScaleFactor=1,
                    mobile=False)

    size(1100, 900)
    browser.ask("Page.navigate", url=page.resolve().as_uri())
    browser.until("Page.loadEventFired")
    for width in (1100, 400):
        size(width, 900)
        figures = browser.value(FIGURES)
        bad = [f for f in figures if f["width"] < 40 or f["height"] < 15 or not f["fits"]]
        bad += [f for f in figures if f["shapes"] == 0 and "no values" not in f["name"]]
        problems += [f"at {width}: {figure}" for figure in bad]
        over = browser.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 1:
            problems.append(f"at {width}: the page is {over} pixels too wide")
    report["figures"] = len(figures)
    report["names"] = [figure["name"] for figure in figures]
    if not figures:
        problems.append("no figure")
    size(1100, 900)
    for media, scheme in (("screen", "light"), ("screen", "dark"), ("print", "light"), ("print", "dark")):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.ask("Emulation.setEmulatedMedia", media=media, features=features)
        contrast = round(browser.value(CONTRAST), 2)
        report[f"contrast_{media}_{scheme}"] = contrast
        if contrast < 7:
            problems.append(f"{media}, {scheme}: a contrast of {contrast}")
        if screenshot and media == "screen":
            tall = height or int(browser.value("document.documentElement.scrollHeight"))
            clip = {"x": 0, "y": 0, "width": 1100, "height": tall, "scale": 1}
            shot = browser.ask("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
            path = screenshot if scheme == "light" else screenshot.with_stem(f"{screenshot.stem}-dark")
            path.write_bytes(base64.b64decode(shot["data"]))
    browser.ask("Emulation.setEmulatedMedia", media="", features=[])
    pdf = base64.b64decode(browser.ask("Page.printToPDF", printBackground=True)["data"])
    report["pdf_bytes"], report["pdf_pages"] = len(pdf), pdf.count(b"/Type /Page\n") or pdf.count(b"/Type /Page ")
    if not pdf.startswith(b"%PDF"):
        problems.append("it does not print")
    asked = {"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"}
    report["console"] = [event for event in browser.events if event.get("method") in asked]
    urls = [event["params"]["request"]["url"] for event in browser.events
            if event.get("method") == "Network.requestWillBeSent"]
    report["requests"] = [url for url in urls if not url.startswith("data:")][1:]
    problems += [f"console: {event['params']}" for event in report["console"]]
    problems += [f"asked for {url}" for url in report["requests"]]
    report["problems"] = problems
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--screenshot", type=pathlib.Path, help="PNG in light colours; -dark beside it")
    parser.add_argument("--height", type=int, help="of the screenshots; the whole page by default")
    parser.add_argument("--chromium", default="chromium")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(arguments.chromium, profile)
        try:
            report = judge(browser, arguments.page, arguments.screenshot, arguments.height)
        finally:
            browser.process.terminate()
            browser.process.wait(timeout=20)
    print(json.dumps(report, indent=1, ensure_ascii=False))
    return 1 if report["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
