"""Pictures of every display of numket in JupyterLab: trusted and untrusted, light and dark.

Needs JupyterLab, Matplotlib, Selenium, and Chromium with its driver (Debian: chromium,
chromium-driver):

    uv run --extra notebook --with selenium python .ci/screenshots.py FOLDER

A notebook is run, and opened in a headless browser in all four ways. Each page must hold the texts
and the colours that the displays sent; the pictures are for people to look at. Another notebook is
run in the browser: the buttons of a stepper are pressed, and it must show the right numbers; and a
long run must show a bar.
"""

import argparse
import html
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CELLS = [
    "import numpy as np, numket as nk",
    "nk.ket('000').h(0).cx(0, 1).cx(1, 2).s(2)",
    """psi = nk.zero_state(4)
for q in range(4):
    nk.h(psi, q)
    nk.p(psi, 2 * np.pi * 3 / 2 ** (4 - q), q)
nk.show(psi)""",
    """rng = np.random.default_rng(1)
psi = rng.normal(size=2**20) + 1j * rng.normal(size=2**20)
nk.normalize(psi)
nk.show(psi)""",
    "nk.show(np.array([np.nan, 1, 0.5j, 0]))",
    "nk.show(np.array([[1, 0], [0.6, 0.8j], [0, -2]]), batch=1)",
    "nk.show(nk.density.from_state(nk.ket('00').h(0).cx(0, 1).state), density=True)",
    "nk.show(nk.counts(nk.ket('000').h(0).ry(1.0, 1).state, 1000, rng=1))",
    """theta = nk.Parameter("theta")
circuit = nk.Circuit(4).h(0).cx(0, 2).rzz(0.5, 1, 3)
circuit.pauli_rotation(2 * theta + np.pi / 2, "XYZ", (0, 2, 3))
circuit.x(3, controls=[0, 1], control_values=[0, 1]).swap(0, 3).cswap(0, 1, 2)
circuit.measure([0, 2]).x(1, condition={0: 1, 1: 0}).reset(3)
circuit.apply(np.eye(4), (1, 3)).apply(np.diag([1, 1j]), 0)
circuit.apply_kraus(nk.channels.depolarizing(0.01), 2).apply_diagonal([1, 1, 1, -1], (0, 1))
circuit.gphase(0.25, controls=[0, 2]).cu(0.1, 0.2, 0.3, 0.4, 0, 1).iswap(0, 3)
circuit.measure(1, readout_error=(0.01, 0.02))""",
    """large = nk.Circuit(20)
for layer in range(20):
    large.ry(0.1 * layer, 0)
    for q in range(layer % 2, 19, 2):
        large.cx(q, q + 1)
large""",
    "circuit",
    "circuit.draw()",
    "nk.PauliSum([('ZZ', (q, q + 1), -1) for q in range(9)], 10)",
    "nk.Circuit(3).h(0).measure(0).explain()",
    """bricks = nk.Circuit(18)
for layer in range(6):
    for q in range(18):
        bricks.ry(0.1 * layer, q)
    for q in range(layer % 2, 17, 2):
        bricks.cx(q, q + 1)
bricks.explain()""",
    "circuit.draw('svg', sweeps=True)",
    "circuit.draw(sweeps=True)",
    """from numket import plot
state = np.zeros(2**5, complex)
state[0], state[-1], state[3] = 1, 1j, 0.5
nk.normalize(state)
plot.histogram(nk.counts(state, 1000, rng=1))
plot.phases(state)
plot.pauli_map(state)
plot.pauli_map(state, circles=True)
plot.entropy(state)
plot.correlations(state)
plot.density(state[:8] / nk.norm(state[:8].copy()))
plot.evolution(np.cos(np.linspace(0, 6, 40)[:, None] + np.arange(5)))
plot.convergence({"BFGS": 0.5 ** np.arange(9) - 2, "Adam": 0.7 ** np.arange(9) - 2}, exact=-2)
plot.timings({"NumPy": 2, "numket": 0.1})
plot.timings({"NumPy": {4: 0.1, 8: 1, 12: 9}, "numket": {4: 0.01, 8: 0.03, 12: 0.2}});""",
]
LIVE = [
    "import numket as nk, numket.progress",
    "nk.stepper(nk.Circuit(3).h(0).cx(0, 1).cx(1, 2).s(2).measure([0, 1, 2]), rng=1)",
    """numket.progress.PATIENCE = 0.2
long = nk.Circuit(20)
for layer in range(200):
    for q in range(20):
        long.ry(0.1, q).cz(q, (q + 1 + layer) % 20 if (1 + layer) % 20 else (q + 1) % 20)
long.run(nk.zero_state(20), progress=True)""",
]
THEMES = ["JupyterLab Light", "JupyterLab Dark"]
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},  # all cells at once
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}

LOOK = """
const shown = [];
for (const area of document.querySelectorAll(".jp-Notebook .jp-CodeCell .jp-OutputArea-output")) {
  const colours = [...area.querySelectorAll("span")].map(span => getComputedStyle(span).color);
  const images = [...area.querySelectorAll("img")].map(image => image.naturalWidth);
  shown.push({text: area.innerText, colours, images});
}
return shown;
"""


def executed(folder: Path) -> list[str]:
    """Runs the notebook, writes it twice, and returns the HTML or the text of each output."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, CELLS)))
    NotebookClient(notebook, kernel_name="python3", startup_timeout=300).execute()
    for name in ("trusted", "untrusted"):
        nbformat.write(notebook, folder / f"{name}.ipynb")
    live = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, LIVE)))
    live.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(live, folder / "live.ipynb")
    subprocess.run([sys.executable, "-m", "jupyter", "trust", folder / "trusted.ipynb"], check=True)
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    return [
        "<img" if "image/png" in data else data.get("text/html", data["text/plain"])
        for data in (output["data"] for output in outputs)
    ]


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """JupyterLab, on a port of its own: where it is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    options = [
        f"--ServerApp.root_dir={folder}",
        f"--port={port}",
        f"--IdentityProvider.token={token}",
    ]
    options.append("--LabApp.expose_app_in_browser=True")  # for `pressed`
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", *options]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{url}/api?token={token}", timeout=5).close()
                break
            except OSError:
                time.sleep(0.5)
        yield f"{url}/lab/tree/{{name}}.ipynb?token={token}"
    finally:
        process.terminate()
        process.wait()


def with_settings(theme: str) -> None:
    """Writes what JupyterLab reads when a page is opened."""
    chosen = SETTINGS | {"@jupyterlab/apputils-extension/themes": {"theme": theme}}
    for name, values in chosen.items():
        path = Path(os.environ["JUPYTERLAB_SETTINGS_DIR"], f"{name}.jupyterlab-settings")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))


def browser() -> Any:
    """A headless Chromium."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "window-size=1300,12000"):
        options.add_argument(f"--{argument}")
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    return webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))


def opened(driver: Any, url: str, expected: int) -> list[dict[str, Any]]:
    """What the outputs of a notebook hold, once they are there."""
    driver.get(url + "&reset")  # no workspace of another page
    for _ in range(240):
        shown = driver.execute_script(LOOK)
        if len(shown) >= expected and all(all(one["images"]) for one in shown):
            time.sleep(2)  # for the theme
            return driver.execute_script(LOOK)
        time.sleep(0.5)
    raise TimeoutError(f"{url} shows {len(shown)} of {expected} outputs")


PRESSED = [
    # What is pressed, how many operations are then done, and what the table says.
    (None, 0, ["|000⟩ 1 100 % ████████████ → 0"]),
    ("one operation on", 1, ["|000⟩ 1/√2 50 %", "|100⟩ 1/√2 50 %"]),
    ("one operation on", 2, ["|000⟩ 1/√2 50 %", "|110⟩ 1/√2 50 %"]),
    ("right", 3, ["|000⟩ 1/√2 50 %", "|111⟩ 1/√2 50 %"]),
    ("to the end", 5, ["norm 1, 1 of 8 basis states occupied"]),
    ("one operation back", 4, ["|000⟩ 1/√2 50 %", "|111⟩ i/√2 50 % ████████████ ↑ π/2"]),
    ("left", 3, ["|000⟩ 1/√2 50 %", "|111⟩ 1/√2 50 % ████████████ → 0"]),
    ("to the beginning", 0, ["|000⟩ 1 100 %"]),
    ("one operation on", 1, ["|000⟩ 1/√2 50 %", "|100⟩ 1/√2 50 %"]),
]


def pressed(driver: Any, url: str, folder: Path, theme: str) -> list[str]:
    """Runs the other notebook in the browser, presses the buttons of the stepper, and returns what
    is wrong."""
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    def until(script: str, what: str) -> None:
        for _ in range(480):
            if driver.execute_script(f"return Boolean({script})"):
                return
            time.sleep(0.25)
        raise TimeoutError(what)

    driver.get(url + "&reset")
    until("document.querySelectorAll('.jp-Notebook .jp-CodeCell').length >= 3", "no cells")
    until(
        "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel",
        "no kernel",
    )
    driver.execute_script("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    until("document.querySelector('.numket-stepper')", "no stepper")
    found = []
    # The kernel answers the stepper when this run has ended.
    bar = (
        "[...document.querySelectorAll('.jp-OutputArea-output .widget-hbox, .jupyter-widget-hbox')]"
    )
    until(f"{bar}.some(box => box.innerText.includes('100%'))", "no bar that is full")
    wide = driver.execute_script(
        f"return {bar}.find(box => box.innerText.includes('100%'))"
        ".querySelector('.widget-hprogress, .jupyter-widgets progress, .progress').offsetWidth"
    )
    if wide < 100:
        found.append(f"the bar is {wide} pixels wide")
    for what, position, lines in PRESSED:
        if what in ("left", "right"):
            key = Keys.ARROW_LEFT if what == "left" else Keys.ARROW_RIGHT
            driver.execute_script("document.querySelector('.numket-stepper input').focus()")
            ActionChains(driver).send_keys(key).perform()
        elif what:
            driver.find_element(By.CSS_SELECTOR, f".numket-stepper button[title='{what}']").click()
        query = f".numket-stepper[data-shown='{position}']"
        until(f'document.querySelector("{query}")', f"no state at {position}")
        text = driver.find_element(By.CSS_SELECTOR, ".numket-stepper").text
        found += [
            f"{what}: {line!r} is not shown" for line in lines if plain(line) not in plain(text)
        ]
        lit = driver.find_elements(By.CSS_SELECTOR, ".numket-lit")
        if len(lit) != (3 if position == 5 else min(position, 1)):
            found.append(f"{what}: {len(lit)} boxes are lit")
    picture = folder / f"live-{theme.split()[1].lower()}.png"
    driver.save_screenshot(str(picture))
    print(picture)
    return found


def plain(text: str) -> str:
    """Text without spaces, as a browser lays it out."""
    return re.sub(r"\s", "", text)


def complaints(sent: str, shown: dict[str, Any]) -> list[str]:
    """What of an output has got lost."""
    found = []
    if sent.startswith("<img"):
        return [] if shown["images"] else ["no image"]
    text = html.unescape(re.sub("<[^>]*>", " ", sent)) if sent.startswith("<") else sent
    if plain(text) not in plain(shown["text"]):
        found.append(f"text {text[:60]!r} is {shown['text'][:60]!r}")
    numbers = [re.findall(r"\d+", colour)[:3] for colour in shown["colours"]]
    colours = {"#" + "".join(f"{int(part):02x}" for part in parts) for parts in numbers}
    if not set(re.findall("color:(#[0-9a-f]{6})", sent)) <= colours:
        found.append("colours")
    return found


def main() -> int:
    """Takes all pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where the pictures go")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    lost = []
    with tempfile.TemporaryDirectory() as scratch:
        # Neither the settings nor the signatures of the user.
        for name in ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "JUPYTER_DATA_DIR"):
            os.environ[name] = str(Path(scratch, name))
        books = Path(scratch, "books")
        books.mkdir()
        sent = executed(books)
        with server(books) as url:
            driver = browser()
            try:
                for theme in THEMES:
                    with_settings(theme)
                    for name in ("trusted", "untrusted"):
                        shown = opened(driver, url.format(name=name), len(sent))
                        picture = folder / f"{name}-{theme.split()[1].lower()}.png"
                        driver.save_screenshot(str(picture))
                        for number, pair in enumerate(zip(sent, shown, strict=True)):
                            where = f"{picture.stem}: output {number}"
                            lost += [f"{where}: {what}" for what in complaints(*pair)]
                        print(picture)
                    lost += pressed(driver, url.format(name="live"), folder, theme)
            finally:
                driver.quit()
    print("\n".join(lost) or "all texts and colours are there")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
