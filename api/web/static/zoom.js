"use strict";

// A picture that can be looked at closely: wheel, pinch, drag, and by script.
//
//   const zoom = wallwatchZoom.make(element);
//   zoom.show(image, corners)    an HTMLImageElement that has loaded; corners [[x, y]…] in shares of it are drawn around
//   zoom.say(text)               words instead of a picture
//   zoom.by(factor), zoom.pan(x, y) in shares of the element, zoom.fit()

(() => {
  const CLOSEST = 12;
  const SVG = "http://www.w3.org/2000/svg";

  function make(element) {
    const stage = document.createElement("div");
    stage.className = "zoom-stage";
    const said = document.createElement("p");
    said.className = "zoom-said";
    element.replaceChildren(stage, said);
    const size = { width: 0, height: 0 };
    const at = { x: 0, y: 0, scale: 1 };
    const touches = new Map();
    let isFitted = true;

    const fitting = () => Math.min(element.clientWidth / size.width, element.clientHeight / size.height) || 1;

    function place() {
      // Never all of it out of sight.
      const edge = 40;
      at.x = Math.min(element.clientWidth - edge, Math.max(edge - size.width * at.scale, at.x));
      at.y = Math.min(element.clientHeight - edge, Math.max(edge - size.height * at.scale, at.y));
      stage.style.transform = `translate(${at.x}px, ${at.y}px) scale(${at.scale})`;
      element.dataset.scale = (at.scale / fitting()).toFixed(2);
    }

    function centre(left, top, width, height) {
      at.scale = Math.min(CLOSEST * fitting(), element.clientWidth / width, element.clientHeight / height);
      at.x = (element.clientWidth - width * at.scale) / 2 - left * at.scale;
      at.y = (element.clientHeight - height * at.scale) / 2 - top * at.scale;
      place();
    }

    function fit() {
      isFitted = true;
      if (size.width) centre(0, 0, size.width, size.height);
    }

    function by(factor, x = element.clientWidth / 2, y = element.clientHeight / 2) {
      if (!size.width) return;
      isFitted = false;
      const scale = Math.min(CLOSEST * fitting(), Math.max(0.5 * fitting(), at.scale * factor));
      at.x = x - ((x - at.x) * scale) / at.scale;
      at.y = y - ((y - at.y) * scale) / at.scale;
      at.scale = scale;
      place();
    }

    function move(x, y) {
      if (!size.width) return;
      isFitted = false;
      at.x += x;
      at.y += y;
      place();
    }

    function show(image, corners) {
      said.textContent = "";
      size.width = image.naturalWidth;
      size.height = image.naturalHeight;
      stage.style.width = `${size.width}px`;
      stage.style.height = `${size.height}px`;
      image.draggable = false;
      stage.replaceChildren(image);
      if (corners) {
        const svg = document.createElementNS(SVG, "svg");
        svg.setAttribute("viewBox", "0 0 1 1");
        svg.setAttribute("preserveAspectRatio", "none");
        const box = document.createElementNS(SVG, "polygon");
        box.setAttribute("points", corners.map((corner) => corner.join(",")).join(" "));
        svg.append(box);
        stage.append(svg);
      }
      fit();
    }

    function say(text) {
      stage.replaceChildren();
      size.width = size.height = 0;
      said.textContent = text;
    }

    const here = (event) => {
      const box = element.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    const apart = ([one, other]) => Math.hypot(one[0] - other[0], one[1] - other[1]);
    const middle = ([one, other]) => [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];

    element.addEventListener("wheel", (event) => {
      event.preventDefault();
      by(Math.exp(-event.deltaY / (event.deltaMode ? 20 : 400)), ...here(event));
    }, { passive: false });
    element.addEventListener("pointerdown", (event) => {
      element.focus({ preventScroll: true });
      element.setPointerCapture(event.pointerId);
      touches.set(event.pointerId, here(event));
      element.classList.add("moving");
    });
    element.addEventListener("pointermove", (event) => {
      if (!touches.has(event.pointerId)) return;
      const before = [...touches.values()];
      const was = touches.get(event.pointerId);
      const is = here(event);
      touches.set(event.pointerId, is);
      if (before.length === 1) return move(is[0] - was[0], is[1] - was[1]);
      if (before.length !== 2) return undefined;
      const after = [...touches.values()];
      const [from, to] = [middle(before), middle(after)];
      move(to[0] - from[0], to[1] - from[1]);
      return by(apart(after) / Math.max(1, apart(before)), ...to);
    });
    for (const name of ["pointerup", "pointercancel"]) {
      element.addEventListener(name, (event) => {
        touches.delete(event.pointerId);
        if (!touches.size) element.classList.remove("moving");
      });
    }
    element.addEventListener("dblclick", (event) => by(2, ...here(event)));
    new ResizeObserver(() => { if (size.width) (isFitted ? fit : place)(); }).observe(element);

    return { show, say, by, fit, pan: (x, y) => move(x * element.clientWidth, y * element.clientHeight) };
  }

  window.wallwatchZoom = { make };
})();
