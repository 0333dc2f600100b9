"use strict";

// One record that several people work on: an address, a wall. What its page needs beside app.js:
//
//   <div data-dots="#list"><div class="map">  a map with a dot for each [data-lat][data-lon] of the list; [data-label] is
//                                             what the dot says, its link is where the dot leads
//   <button data-box="/path" data-of="#map" data-form="#form">  the form again, narrowed to what the map shows
//   <input type="datetime-local" data-now>    is now whenever its dialog opens, unless something stands in it
//   <input type="checkbox" data-shows="#fieldset">   shows and enables a fieldset
//   <input type="hidden" data-from="#fieldset">      JSON of the fieldset's [data-part] fields, if it is shown
//   <form data-clears>                        is emptied once it was sent
//   <form data-case="address id">             puts the address into a case, which is opened if need be
//
// When somebody else was faster (409), what the template #again holds is offered beside the refusal. What was written
// is kept for the page as it is then.

(() => {
  const { api, tell, words } = window.wallwatch;
  const DRAFT = `draft ${location.pathname}`;
  const CHANGED = /_changed$/;

  // Maps.

  function draw(holder) {
    const element = holder.querySelector(".map");
    const places = [...document.querySelectorAll(`${holder.dataset.dots} [data-lat]`)].map((each) => ({
      lat: Number(each.dataset.lat),
      lon: Number(each.dataset.lon),
      size: Number(each.dataset.size ?? 8),
      kind: each.dataset.kind ?? "",
      label: each.dataset.label ?? each.querySelector("[data-label]")?.textContent.trim() ?? "",
      href: each.querySelector("a[href]")?.getAttribute("href"),
    }));
    if (!places.length) return;
    const lats = places.map((each) => each.lat);
    const lons = places.map((each) => each.lon);
    const bounds = [[Math.min(...lats), Math.min(...lons)], [Math.max(...lats), Math.max(...lons)]];
    const map = window.wallwatchMap.make(element, places.length === 1 ? { lat: lats[0], lon: lons[0], zoom: 15 } : { bounds: L.latLngBounds(bounds).pad(0.1) });
    for (const { href, ...place } of places) {
      window.wallwatchMap.dot(map, { ...place, chosen: href ? () => location.assign(href) : undefined });
    }
    // Who scrolls the page means the page: the wheel is the map's once it was touched or reached by keyboard.
    map.scrollWheelZoom.disable();
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
    maps.set(element.id, map);
  }
  const maps = new Map();

  function drawAll(root) {
    for (const holder of root.querySelectorAll("[data-dots]:not([data-drawn])")) {
      holder.dataset.drawn = "yes";
      draw(holder);
    }
    for (const picture of root.querySelectorAll("svg.graph")) {
      const frame = picture.parentElement; // on a narrow screen: what is in the middle comes first
      frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2;
    }
  }
  document.addEventListener("htmx:afterSettle", (event) => {
    drawAll(event.target.parentElement ?? document);
    takeUp();
  });

  function narrow(button) {
    const box = maps.get(button.dataset.of.slice(1)).getBounds();
    const asked = new URLSearchParams(new FormData(document.querySelector(button.dataset.form)));
    asked.delete("circle");
    asked.set("box", [box.getSouth(), box.getWest(), box.getNorth(), box.getEast()].map((each) => each.toFixed(5)).join(","));
    for (const [name, value] of [...asked]) if (!value) asked.delete(name);
    location.assign(`${button.dataset.box}?${asked}`);
  }

  // "More" gives its place to what it brought: who works by keyboard goes on there.

  let beforeMore;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.matches("p.more")) beforeMore = event.detail.target.previousElementSibling;
  });
  document.addEventListener("htmx:afterSwap", () => {
    const brought = beforeMore?.nextElementSibling;
    beforeMore = undefined;
    brought?.setAttribute("tabindex", "-1");
    brought?.focus({ preventScroll: true });
  });

  // Forms.

  function now() {
    const here = new Date();
    return new Date(here - here.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.box) narrow(button);
    if ("again" in button.dataset) loadAgain(button);
    if (button.dataset.open) {
      document.querySelectorAll(`${button.dataset.open} [data-now]`).forEach((field) => { field.value ||= now(); });
    }
  });

  document.addEventListener("change", (event) => {
    const shows = event.target.dataset?.shows;
    if (!shows) return;
    const group = document.querySelector(shows);
    group.hidden = group.disabled = !event.target.checked;
  });

  document.addEventListener("submit", (event) => {
    for (const hidden of event.target.querySelectorAll("input[data-from]")) {
      const group = document.querySelector(hidden.dataset.from);
      const fields = group.disabled ? [] : [...group.querySelectorAll("[data-part]")];
      const pairs = fields.map((field) => [field.dataset.part, field.type === "datetime-local" ? new Date(field.value).toISOString() : field.value]);
      hidden.value = pairs.length ? JSON.stringify(Object.fromEntries(pairs)) : "";
    }
    if (event.target.dataset.case) {
      event.preventDefault();
      putIntoCase(event.target);
    }
  }, true);

  document.addEventListener("api:done", (event) => {
    if ("clears" in event.target.dataset) event.target.reset();
  });

  async function putIntoCase(form) {
    const [book, number] = [form.elements.book.value, form.elements.number.value.trim()];
    const refuse = (answer) => { form.querySelector("[role=alert]").textContent = answer.data?.detail ?? words.failed; };
    const known = await api("GET", `/v1/cases?${new URLSearchParams({ book, number })}`);
    if (!known.ok) return refuse(known);
    let id = known.data.cases[0]?.id;
    if (!id) {
      if (!window.confirm(form.dataset.new)) return;
      const made = await api("POST", "/v1/cases", { book, number });
      id = made.ok ? made.data.id : made.data?.case_id; // somebody may have opened it this very moment
      if (!id) return refuse(made);
    }
    const put = await api("PUT", `/v1/cases/${id}/addresses/${form.dataset.case}`);
    if (!put.ok) return refuse(put);
    location.reload();
  }

  // Somebody else was faster.

  document.addEventListener("api:refused", (event) => {
    if (event.detail.status !== 409 || !CHANGED.test(event.detail.data?.code ?? "")) return;
    const place = event.target.querySelector?.("[role=alert]") ?? event.target;
    if (place.nextElementSibling?.matches(".again")) return;
    place.after(document.getElementById("again").content.cloneNode(true));
    place.nextElementSibling.querySelector("button").focus();
  });

  function loadAgain(button) {
    const form = button.closest("form");
    if (form?.id) {
      const fields = [...form.querySelectorAll("input:not([type=hidden]):not([type=file]), textarea, select")];
      const written = fields.filter((field) => field.id).map((field) => [field.id, field.value]);
      sessionStorage.setItem(DRAFT, JSON.stringify({ form: form.id, written }));
    }
    location.reload();
  }

  let draft = JSON.parse(sessionStorage.getItem(DRAFT) ?? "null");
  sessionStorage.removeItem(DRAFT);

  /** Put what was written back into its form, as soon as that is there; it is not if the step is no longer possible. */
  function takeUp() {
    const form = draft && document.getElementById(draft.form);
    if (!form) return;
    for (const [id, value] of draft.written) {
      const field = document.getElementById(id);
      if (field && field.type !== "checkbox" && field.type !== "radio") field.value = value;
    }
    draft = null;
    const around = form.closest("dialog, details");
    if (around?.matches("dialog")) around.showModal();
    else if (around) around.open = true;
  }

  drawAll(document);
  takeUp();
})();
