"use strict";

// The state of the queue is fetched anew while nobody works in it, and not while the page is hidden.
document.addEventListener("DOMContentLoaded", () => {
  const part = document.getElementById("state");
  const pause = document.getElementById("pause");
  part.addEventListener("click", () => {
    // A button that was used gives the part free to be fetched again.
    setTimeout(() => { if (part.contains(document.activeElement)) document.activeElement.blur(); }, 10_000);
  });
  pause.addEventListener("click", () => {
    pause.setAttribute("aria-pressed", pause.getAttribute("aria-pressed") === "true" ? "false" : "true");
  });
  let open = [];
  part.addEventListener("htmx:beforeSwap", () => {
    open = [...part.querySelectorAll("details[open]")].map((each) => each.id);
  });
  part.addEventListener("htmx:afterSwap", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  });
  setInterval(() => {
    const busy = document.hidden || pause.getAttribute("aria-pressed") === "true" || part.contains(document.activeElement);
    if (!busy) window.htmx.trigger(part, "refresh");
  }, 3000);
});
