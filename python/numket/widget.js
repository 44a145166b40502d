// A slider over a circuit: the picture with the current operation lit, and the state after it beside it. All
// numbers come from Python, which is told the position and answers with a caption and a table.

function render({ model, el }) {
  const part = (parent, tag, properties = {}) =>
    Object.assign(parent.appendChild(document.createElement(tag)), properties);
  const count = model.get("count");

  el.classList.add("numket-stepper");
  el.dataset.lmSuppressShortcuts = true; // those of JupyterLab
  const bar = part(el, "div", { className: "numket-bar" });
  const button = (text, title, target) => {
    const made = part(bar, "button", { textContent: text, title, type: "button" });
    made.addEventListener("click", () => go(target()));
    return made;
  };
  const first = button("⏮", "to the beginning", () => 0);
  const back = button("◀", "one operation back", () => position() - 1);
  const slider = part(bar, "input", { type: "range", min: 0, max: count, step: 1 });
  slider.setAttribute("aria-label", "operations done");
  const next = button("▶", "one operation on", () => position() + 1);
  const last = button("⏭", "to the end", () => count);

  const caption = part(el, "p", { className: "numket-caption" });
  caption.setAttribute("aria-live", "polite");
  const view = part(el, "div", { className: "numket-view" });
  const sheet = part(view, "div", { className: "numket-sheet" });
  const image = part(sheet, "img", { alt: "the circuit" });
  image.src = "data:image/svg+xml," + encodeURIComponent(model.get("picture"));
  const card = part(el, "div", { className: "numket-card jp-RenderedHTMLCommon" });

  const position = () => model.get("position");
  function go(target) {
    model.set("position", Math.min(Math.max(target, 0), count));
    model.save_changes();
    move();
  }
  slider.addEventListener("input", () => go(Number(slider.value)));
  // JupyterLab keeps the arrow keys from sliders.
  slider.addEventListener("keydown", (event) => {
    const targets = {
      ArrowLeft: position() - 1,
      ArrowDown: position() - 1,
      ArrowRight: position() + 1,
      ArrowUp: position() + 1,
      Home: 0,
      End: count,
    };
    if (event.key in targets) {
      event.preventDefault();
      go(targets[event.key]);
    }
  });

  function move() {
    const at = position();
    slider.value = at;
    first.disabled = back.disabled = at === 0;
    next.disabled = last.disabled = at === count;
    sheet.querySelectorAll(".numket-lit").forEach((box) => box.remove());
    for (const [x, y, width, height] of at ? model.get("boxes")[at - 1] : []) {
      const lit = part(sheet, "div", { className: "numket-lit" });
      Object.assign(lit.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
    }
    const lit = sheet.querySelector(".numket-lit");
    if (lit) {
      // Only this view scrolls, not the page.
      view.scrollLeft = lit.offsetLeft + lit.offsetWidth / 2 - view.clientWidth / 2;
      view.scrollTop = lit.offsetTop + lit.offsetHeight / 2 - view.clientHeight / 2;
    }
  }
  function tell() {
    caption.textContent = model.get("caption");
    card.innerHTML = model.get("card");
    // For those who wait until the numbers are those of the position.
    el.dataset.shown = model.get("shown");
  }
  model.on("change:position", move);
  model.on("change:shown", tell);
  move();
  tell();
}

export default { render };
