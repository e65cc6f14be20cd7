"""page.py PAGE: checks a report's page by what stands in it.
   page.py PAGE BROWSER FOLDER: checks it as a browser shows it, on a screen and on a
phone, light and dark; pictures go to FOLDER.

Labels must not overlap and must lie inside their plot, bars add up and the longest
is first, and nothing is wider than the screen.
"""
import html.parser
import itertools
import json
import pathlib
import re
import subprocess
import sys

PHONE, SCREEN = 390, 1280
TIMES = {"µs": 1e-6, "ms": 1e-3, "s": 1}


class Page(html.parser.HTMLParser):
    """Plots with their texts, and sections with their bars."""

    def __init__(self, text):
        super().__init__()
        self.plots, self.sections, self.open, self.names = [], [], None, []
        self.feed(text)

    def handle_starttag(self, tag, given):
        given = dict(given)
        kind = given.get("class", "")
        self.open = None
        if tag == "svg":
            self.plots.append({"kind": kind, "box": given["viewbox"], "font": float(given["font-size"]),
                               "texts": [], "circles": 0})
        elif tag == "circle":
            self.plots[-1]["circles"] += 1
        elif tag == "text":
            self.open = self.plots[-1]["texts"]
            self.open.append({**given, "text": ""})
        elif tag == "section":
            self.sections.append([])
        elif tag == "li":
            self.sections[-1].append({"widths": [], "name": "", "time": ""})
        elif tag == "i":
            self.sections[-1][-1]["widths"].append(float(re.search(r"width:([\d.]+)%", given["style"])[1]))
        elif tag == "span" and kind in ("name", "time"):
            self.names = kind
        elif tag == "b" and self.sections and self.sections[-1]:
            self.names = "time"

    def handle_endtag(self, tag):
        self.open = None
        if tag == "span":
            self.names = []

    def handle_data(self, data):
        if self.open:
            self.open[-1]["text"] += data
        elif self.names:
            self.sections[-1][-1][self.names] += data


def box_of(text, font):
    """Left, top, right, bottom."""
    width = float(text.get("textlength", 0.6 * font * len(text["text"])))
    left = float(text["x"]) - {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor", "start")] * width
    bottom = float(text["y"]) + 0.25 * font
    return left, bottom - font, left + width, bottom


def overlaps(a, b):
    # Coordinates are rounded to a tenth.
    return a[0] + 0.2 < b[2] and b[0] + 0.2 < a[2] and a[1] + 0.2 < b[3] and b[1] + 0.2 < a[3]


def check_plot(plot):
    boxes = [(text["text"], box_of(text, plot["font"])) for text in plot["texts"] if "x" in text]
    width, height = map(float, plot["box"].split()[2:])
    for name, box in boxes:
        if box[0] < -0.2 or box[1] < -0.2 or box[2] > width + 0.2 or box[3] > height + 0.2:
            yield f"{plot['kind']} plot: '{name}' is outside"
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        if overlaps(a, b):
            yield f"{plot['kind']} plot: '{one}' overlaps '{other}'"


def check_bars(bars):
    def seconds(bar):
        value, unit = re.match(r"([\d.]+) (µs|ms|s)", bar["time"]).groups()
        return float(value) * TIMES[unit]

    shares = sum(float(re.search(r"([\d.]+)%", bar["time"])[1]) for bar in bars)
    if not 98 < shares < 102:
        yield f"bars are {shares:.1f}% of the time together"
    names = [bar["name"] for bar in bars]
    if len(set(names)) != len(names):
        yield "a kernel has two bars"
    for bar in bars:
        if sum(bar["widths"]) > 100.1:
            yield f"the bar of '{bar['name']}' is too long"
    alone = [bar for bar in bars if not bar["name"].endswith(" others")]
    if any(seconds(a) * 1.001 + 1e-7 < seconds(b) for a, b in zip(alone, alone[1:])):
        yield "a longer bar follows a shorter one"


def check_text(text):
    page = Page(text)
    for needed in ("name='viewport'", "prefers-color-scheme: dark", "@media (max-width: 640px)"):
        if needed not in text:
            yield "no " + needed
    if re.search(r"<script|src=|href=|url\(|@import", text):
        yield "something comes from elsewhere"
    if [plot["kind"] for plot in page.plots] != ["wide", "narrow"]:
        yield "not two plots"
    if len({plot["circles"] for plot in page.plots}) != 1 or not page.plots[0]["circles"]:
        yield "plots without the same circles"
    labels = sum(text.get("class", "").startswith("label p") for text in page.plots[0]["texts"])
    if not labels:
        yield "no kernel has a name"
    for plot in page.plots:
        yield from check_plot(plot)
    parts = [bars for bars in page.sections if bars]
    if not parts:
        yield "no bars"
    for bars in parts:
        yield from check_bars(bars)


# What a browser makes of it: in a frame, since windows cannot be as narrow as phones.
PROBE = """<body style='margin:0'><script>
const frame = document.createElement('iframe');
frame.style = 'border:0;width:%dpx;height:%dpx';
frame.onload = () => {
  const inside = frame.contentDocument, root = inside.documentElement, found = [];
  const shown = [...inside.querySelectorAll('svg text:not([transform]), .name, .time')]
    .map(e => [e.textContent, e.getBoundingClientRect()]).filter(([, r]) => r.width > 0);
  for (const [i, [a, p]] of shown.entries())
    for (const [b, q] of shown.slice(i + 1))
      if (p.left + 1 < q.right && q.left + 1 < p.right && p.top + 3 < q.bottom && q.top + 3 < p.bottom)
        found.push(a + ' overlaps ' + b);
  if (root.scrollWidth > %d) found.push('the page is ' + root.scrollWidth + ' wide');
  const sizes = [...inside.querySelectorAll('svg text:not([transform])')].filter(e => e.getBoundingClientRect().width > 0)
    .map(e => parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a);
  const result = document.createElement('pre');
  result.id = 'result';
  result.textContent = JSON.stringify({found, texts: shown.length, smallest: Math.min(...sizes),
    back: frame.contentWindow.getComputedStyle(inside.body).backgroundColor});
  result.hidden = true;
  document.body.append(result);
};
frame.srcdoc = %s;
document.body.append(frame);
</script>"""


def browse(browser, folder, text, width, dark):
    """What the probe found; leaves a picture."""
    name = f"{width}-{'dark' if dark else 'light'}"
    height = 3000
    probe = folder / f"{name}.html"
    quoted = json.dumps(text).replace("<", "\\u003c")
    probe.write_text("<!DOCTYPE html><meta charset='utf-8'>" + PROBE % (width, height, width, quoted))
    arguments = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                 f"--user-data-dir={folder}/profile", f"--window-size={max(width, 500)},{height}",
                 f"--blink-settings=preferredColorScheme={0 if dark else 1}"]
    run = lambda *more: subprocess.run([*arguments, *more, probe.resolve().as_uri()], capture_output=True,
                                       text=True, timeout=300).stdout
    shown = html.unescape(re.search(r'<pre id="result"[^>]*>(.*?)</pre>', run("--dump-dom"), re.S)[1])
    run(f"--screenshot={folder}/{name}.png")
    if not (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG"):
        sys.exit("no picture")
    return json.loads(shown)


def check_browser(text, browser, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for width, dark in ((SCREEN, False), (SCREEN, True), (PHONE, False), (PHONE, True)):
        seen = browse(browser, folder, text, width, dark)
        yield from (f"{width} wide: {what}" for what in seen["found"])
        if seen["texts"] < 10 or seen["smallest"] < 9:
            yield f"{width} wide: {seen['texts']} texts, the smallest of {seen['smallest']} pixels"
        brightness = sum(map(int, re.findall(r"\d+", seen["back"])[:3]))
        if (brightness < 200) != dark:
            yield f"the background is {seen['back']} where dark is {dark}"


def main():
    text = pathlib.Path(sys.argv[1]).read_text()
    wrong = list(check_text(text) if len(sys.argv) == 2 else
                 check_browser(text, sys.argv[2], pathlib.Path(sys.argv[3])))
    print("\n".join(wrong) or "the page is good to look at")
    sys.exit(bool(wrong))


main()
