"use strict";

// The page of a signed link: a map, and buttons that answer once.

(() => {
  const here = document.getElementById("here");
  if (here && window.wallwatchMap) {
    const place = { lat: Number(here.dataset.lat), lon: Number(here.dataset.lon) };
    const map = window.wallwatchMap.make(here.querySelector(".map"), { ...place, zoom: 16 });
    window.wallwatchMap.dot(map, { ...place, size: 10, kind: "bad", label: here.dataset.label });
    map.scrollWheelZoom.disable();
  }
  for (const form of document.querySelectorAll("form")) {
    form.addEventListener("submit", () => {
      for (const button of form.querySelectorAll("button")) button.disabled = true;
    });
  }
  // Whoever comes back with the browser's own button finds the form as it was.
  addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("form button")) button.disabled = false;
  });
})();
