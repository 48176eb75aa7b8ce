"""The page of `mtnet serve` in a real browser: types, reads, switches, and sees a refusal.

    cargo xtask train                                  # makes runs/quickstart
    cargo build --release -p mtnet
    python benches/browser/page.py [--screenshot docs/serve-page.png]

Needs Python 3.9 or later and Chromium (`apt install chromium`), nothing else: the browser is driven over
its debugging pipe. Each check prints a line; the exit code is 1 if one fails.
"""

import argparse
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXT = "add the new Adele song to my gym playlist"


class Browser:
    """Chromium without a window, spoken to in JSON over two pipes."""

    def __init__(self, program):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_read, self.to_browser = os.pipe()
        self.from_browser, to_write = os.pipe()

        def pipes():
            # The browser reads commands from descriptor 3 and writes answers to descriptor 4.
            low, high = os.dup(to_read), os.dup(to_write)
            os.dup2(low, 3)
            os.dup2(high, 4)

        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
                     "--disable-background-networking", f"--user-data-dir={self.profile.name}", "about:blank"]
        self.process = subprocess.Popen([program, *arguments], preexec_fn=pipes, close_fds=False,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.buffer, self.number, self.events = b"", 0, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = None
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    session = None

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def receive(self):
        while b"\0" not in self.buffer:
            piece = os.read(self.from_browser, 1 << 16)
            if not piece:
                raise RuntimeError("the browser has ended")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def value(self, script):
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")

    def wait(self, script, seconds=30):
        end = time.time() + seconds
        while time.time() < end:
            value = self.value(script)
            if value:
                return value
            time.sleep(0.05)
        return None

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def type(self, selector, text):
        """As a person does: the field is focused, emptied by keys, and the text typed."""
        self.value(f"document.querySelector({json.dumps(selector)}).focus()")
        self.key("a", "KeyA", 65, modifiers=2, commands=["selectAll"])
        self.call("Input.insertText", text=text)

    def key(self, key, code, number, modifiers=0, commands=()):
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=code, modifiers=modifiers,
                      windowsVirtualKeyCode=number, commands=list(commands) if kind == "rawKeyDown" else [])

    def click(self, selector):
        place = self.value(f"""(() => {{ const box = document.querySelector({json.dumps(selector)}).getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2]; }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def window(self, width, height, scheme="light"):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(data))

    def end(self):
        self.process.kill()
        self.process.wait()
        self.profile.cleanup()


def serve(program, model, *arguments):
    """A server, and where it listens."""
    environment = {name: value for name, value in os.environ.items() if name not in ("API_KEY", "PORT")}
    server = subprocess.Popen([program, "--log-format", "json", "--quiet", "serve", "--port", "0", "--drain-time", "0",
                               *arguments, model], stdout=subprocess.PIPE, text=True, env=environment)
    return server, "http://" + json.loads(server.stdout.readline())["listening"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / "target/release/mtnet"))
    parser.add_argument("--model", default=str(ROOT / "runs/quickstart/model"))
    parser.add_argument("--browser", default="chromium")
    parser.add_argument("--screenshot")
    parser.add_argument("--dark", help="a second screenshot, narrow and dark")
    arguments = parser.parse_args()
    failed = 0

    def check(what, holds):
        nonlocal failed
        failed += not holds
        print("ok  " if holds else "FAIL", what)

    server, url = serve(arguments.program, arguments.model)
    browser = Browser(arguments.browser)
    try:
        print(browser.call("Browser.getVersion")["product"])
        browser.window(900, 1000)
        browser.open(url)
        check("the tasks are listed", browser.wait("document.querySelectorAll('#tasks button').length === 5"))
        check("the text field has the focus", browser.value("document.activeElement.id === 'text'"))

        check("no key is asked for", browser.value("document.getElementById('key_field').offsetParent === null"))

        card = "document.querySelector('article[data-task=%s]')"
        browser.type("#text", TEXT)
        browser.key("Enter", "Enter", 13, modifiers=2)
        check("Ctrl+Enter answers", browser.wait(f"!!{card % 'intent'}"))
        chosen = browser.value(f"{card % 'intent'}.querySelector('.chosen span').textContent")
        check(f"the intent is AddToPlaylist: {chosen}", chosen == "AddToPlaylist")
        marks = browser.value(f"[...({card % 'slots'}).querySelectorAll('mark')].map(mark => [mark.dataset.label, mark.firstChild.data])")
        check(f"entities are marked: {marks}", ["playlist", "gym"] in marks)
        check("the marked text is the text", browser.value(
            f"(() => {{ const copy = {card % 'slots'}.querySelector('.text').cloneNode(true);"
            " copy.querySelectorAll('small').forEach(label => label.remove()); return copy.textContent; })()") == TEXT)
        check("bars are as long as their scores", browser.value(
            f"Number.parseFloat({card % 'intent'}.querySelector('.bar').style.width) > 50"))
        check("the time is told", "ms in all" in browser.value("document.getElementById('timing').textContent"))
        check("a command line is offered", "/predict" in browser.value("document.getElementById('curl').textContent"))
        if arguments.screenshot:
            browser.window(820, 1180)
            browser.screenshot(arguments.screenshot)
            browser.window(900, 1000)

        for task in ("topic", "intent", "sentiment", "banking"):
            browser.click(f"#tasks button:nth-child({['topic', 'intent', 'slots', 'sentiment', 'banking'].index(task) + 1})")
        check("switching tasks off leaves the others", browser.wait(
            "[...document.querySelectorAll('article')].map(card => card.dataset.task).join() === 'slots'"))
        browser.click("#tasks button:nth-child(1)")
        check("switching one on answers it", browser.wait(f"!!{card % 'topic'}"))

        browser.type("#text", "أضف الأغنية")
        browser.click("#ask")
        check("a right-to-left text stands on the right", browser.wait(
            f"{card % 'slots'} && {card % 'slots'}.textContent.includes('أضف') &&"
            f" getComputedStyle({card % 'slots'}.querySelector('.text')).direction === 'rtl'"))
        browser.type("#text", "请播放 👍🏽 Adele 的歌")
        browser.click("#ask")
        check("Chinese and emoji stay whole", browser.wait(
            f"{card % 'slots'}.querySelector('.text') && (() => {{ const copy = {card % 'slots'}.querySelector('.text').cloneNode(true);"
            " copy.querySelectorAll('small').forEach(label => label.remove());"
            " return copy.textContent === '请播放 👍🏽 Adele 的歌'; })()"))
        browser.type("#text", "<img src=x onerror=alert(1)> & <b>")
        browser.click("#ask")
        check("markup is text", browser.wait(
            f"(() => {{ const copy = {card % 'slots'}.querySelector('.text').cloneNode(true);"
            " copy.querySelectorAll('small').forEach(label => label.remove());"
            " return copy.textContent === '<img src=x onerror=alert(1)> & <b>'; })()") and browser.value("!document.querySelector('main img, main b')"))
        browser.click("#pair")
        check("a second text can be given", browser.value("document.activeElement.id === 'text_b'"))

        for width in (320, 900):
            for scheme in ("light", "dark"):
                browser.window(width, 800, scheme)
                check(f"nothing sticks out at {width} pixels, {scheme}", browser.value(
                    "document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
        if arguments.dark:
            browser.window(390, 900, "dark")
            browser.type("#text", TEXT)
            browser.click("#ask")
            time.sleep(1)
            browser.screenshot(arguments.dark)
        browser.window(900, 1000)

        browser.type("#text", " ")
        browser.click("#ask")
        check("no text is told", browser.wait("document.getElementById('error').textContent.includes('no text')"))
        browser.open(url + "/docs")
        check("the routes are described", browser.wait("document.querySelectorAll('article').length === 10"))
        browser.open(url)
        browser.wait("document.querySelectorAll('#tasks button').length === 5")
        server.terminate()
        server.wait()
        browser.type("#text", TEXT)
        browser.click("#ask")
        check("a server that is gone is told", browser.wait(
            "!document.getElementById('error').hidden && document.getElementById('error').textContent.includes('does not answer')"))

        server, url = serve(arguments.program, arguments.model, "--api-key", "sesame", "--max-client-batch-size", "1")
        browser.open(url)
        check("a refusal is shown as the server words it", browser.wait(
            "document.getElementById('error').textContent.includes('authorization: Bearer KEY')"))
        browser.type("#key", "sesame")
        browser.type("#text", TEXT)
        browser.click("#ask")
        check("with the key it answers", browser.wait(f"!!{card % 'intent'}"))

        asked = [event["params"]["request"]["url"] for event in browser.events if event["method"] == "Network.requestWillBeSent"]
        elsewhere = [one for one in asked if not one.startswith(("http://127.0.0.1:", "about:"))]
        check(f"nothing is asked of other hosts ({len(asked)} requests): {elsewhere}", not elsewhere)
        broken = [event["params"] for event in browser.events
                  if event["method"] == "Runtime.exceptionThrown"
                  or event["method"] == "Log.entryAdded" and "Content Security Policy" in event["params"]["entry"]["text"]]
        check(f"no script failed and no policy was broken: {broken[:1]}", not broken)
    finally:
        browser.end()
        server.terminate()
        server.wait()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
