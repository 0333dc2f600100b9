"use strict";

// What the review loads before it is needed: crops of the next findings, and what stands around the next two.

(() => {
  const { api } = window.wallwatch;
  const { meant } = window.wallwatchFinding;
  const AHEAD = 4;
  const pictures = new Map();
  const around = new Map();

  function picture(item) {
    if (!pictures.has(item.id)) {
      const image = new Image();
      image.alt = "";
      const done = new Promise((ready) => {
        image.onload = () => ready(true);
        image.onerror = () => ready(false);
      });
      image.src = item.links.crop;
      pictures.set(item.id, { image, done });
    }
    return pictures.get(item.id);
  }

  /** The photo's reading and size, and the address as the list has it; each asked for once. */
  function surroundingsOf(item) {
    if (!around.has(item.id)) {
      const { kind, value } = meant(item);
      const asked = new URLSearchParams({ kind, value, limit: "1" });
      around.set(item.id, Promise.all([
        api("GET", item.links.reading),
        item.standing === "new" ? null : api("GET", `/v1/watchlist?${asked}`),
        api("GET", `/v1/photos/${item.photo}`),
      ]).then(([reading, listed, photo]) => ({
        reading: reading.ok ? reading.data : null,
        address: listed?.ok ? listed.data.addresses[0] ?? null : null,
        photo: photo.ok ? photo.data : null,
      })));
    }
    return around.get(item.id);
  }

  function ahead(queue) {
    const next = queue.slice(0, AHEAD);
    next.forEach(picture);
    next.slice(0, 2).forEach(surroundingsOf);
    for (const kept of [pictures, around]) {
      for (const id of [...kept.keys()].slice(0, Math.max(0, kept.size - 4 * AHEAD))) {
        if (!next.some((item) => item.id === id)) kept.delete(id);
      }
    }
  }

  window.wallwatchAhead = { picture, surroundingsOf, ahead };
})();
