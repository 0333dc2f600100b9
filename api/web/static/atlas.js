"use strict";

// The map page: filters and the part of the map are in the address of the page; the server counts what is in it.

(() => {
  const { api } = window.wallwatch;
  const { drawing, make } = window.wallwatchDraw;
  const FILTERS = ["kind", "status", "show"];
  const HEAT_LEVELS = [[12, 9], [11, 8], [9, 7], [8, 6], [6, 5], [5, 4], [0, 3]];
  const root = document.getElementById("atlas");
  const part = (id) => document.getElementById(id);
  const words = JSON.parse(root.dataset.words);
  const locale = document.documentElement.lang === "en" ? "en-GB" : "ru";
  const figures = { day: "2-digit", month: "2-digit", year: "numeric" };
  const clock = new Intl.DateTimeFormat(locale, { ...figures, timeZone: root.dataset.zone });
  const calendar = new Intl.DateTimeFormat(locale, { ...figures, timeZone: "UTC" });
  const number = window.wallwatch.numbers;

  let state = {};
  let asked = 0;
  let isMoving = false;

  const map = window.wallwatchMap.make(part("map"));
  const shown = drawing(map, {
    rows: part("rows"), bare: part("bare"), words, kinds: JSON.parse(root.dataset.kinds),
    states: JSON.parse(root.dataset.states), day: (moment) => clock.format(new Date(moment)),
  });
  const times = window.wallwatchTimes.make(
    { bars: part("bars"), since: part("since"), until: part("until"), span: part("span") },
    { words, day: (date) => calendar.format(new Date(`${date}T00:00Z`)), changed: () => change(times.chosen()) },
  );

  // ---- the state and the address of the page ----

  function read() {
    const query = new URLSearchParams(location.search);
    state = Object.fromEntries(["address", "at", "since", "until", ...FILTERS].map((name) => [name, query.get(name) || null]));
  }

  function write(isNew) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(state)) if (value) query.set(name, value);
    const url = `${location.pathname}${query.size ? `?${String(query).replaceAll("%2C", ",")}` : ""}`;
    history[isNew ? "pushState" : "replaceState"](null, "", url);
    const onward = document.querySelector('form[action="/language"] input[name=next]');
    if (onward) onward.value = url;
  }

  /** Another filter: a new entry of the history; what is counted anew follows. */
  function change(more) {
    Object.assign(state, more);
    write(true);
    apply();
  }

  async function apply() {
    map.closePopup();
    for (const name of FILTERS) part(name).value = state[name] ?? "";
    times.set(state);
    await Promise.all([tellTimes(), tellAddress()]);
    await load();
  }

  const view = () => /^(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(\d+)$/.exec(state.at ?? "")?.slice(1).map(Number);

  // ---- asking ----

  function narrowed(names) {
    const query = new URLSearchParams();
    for (const name of names) if (state[name]) query.set(name, state[name]);
    return query;
  }

  async function tellTimes() {
    const answer = await api("GET", `/v1/map/times?${narrowed(["kind", "status", "address"])}`);
    if (!answer.ok) return trouble(answer);
    times.show(answer.data.periods);
    root.dataset.box = JSON.stringify(answer.data.box);
    return undefined;
  }

  function everything() {
    const box = JSON.parse(root.dataset.box || "null");
    if (box) map.fitBounds([[box[1], box[0]], [box[3], box[2]]], { maxZoom: 16, animate: false, padding: [30, 30] });
  }

  function trouble(answer) {
    part("trouble").textContent = answer.data?.detail ?? window.wallwatch.words.failed;
  }

  async function load() {
    const mine = ++asked;
    const bounds = map.getBounds();
    const clip = (value, most) => Math.max(-most, Math.min(most, value)).toFixed(6);
    const query = narrowed(["kind", "status", "address", "since", "until"]);
    const whole = times.whole();
    if (!state.since && whole.since) query.set("since", whole.since);
    if (!state.until && whole.until) query.set("until", whole.until);
    query.set("box", [clip(bounds.getSouth(), 90), clip(bounds.getWest(), 180), clip(bounds.getNorth(), 90), clip(bounds.getEast(), 180)].join(","));
    const isHeat = state.show === "heat";
    if (isHeat) {
      query.set("level", HEAT_LEVELS.find(([zoom]) => map.getZoom() >= zoom)[1]);
      query.set("limit", "1000");
    } else query.set("zoom", Math.max(0, Math.round(map.getZoom())));
    const answer = await api("GET", `/v1/${isHeat ? "hotspots" : "map"}?${query}`);
    if (mine !== asked) return;
    if (!answer.ok) {
      trouble(answer);
      return;
    }
    part("trouble").textContent = "";
    const { data } = answer;
    shown.show(data.features);
    const sums = isHeat ? data.features.map((feature) => feature.properties) : null;
    const sum = (name) => number.format(sums ? sums.reduce((total, each) => total + each[name], 0) : data[name]);
    const said = words.sum.replace("{walls}", sum("walls")).replace("{sightings}", sum("sightings"));
    const how = isHeat ? "" : `; ${data.level === null ? words.single : words.gathered}`;
    part("sum").textContent = `${said}${data.features.length ? how : ""}${data.truncated ? ` — ${words.truncated}` : ""}`;
    root.dataset.drawn = data.features.length ? (isHeat ? "heat" : data.level === null ? "walls" : "cells") : "nothing";
  }

  // ---- one address ----

  async function tellAddress() {
    part("chosen").hidden = !state.address;
    part("search").value = "";
    if (!state.address) return;
    const answer = await api("GET", `/v1/watchlist/${encodeURIComponent(state.address)}?limit=1`);
    part("chosen").firstElementChild.textContent = answer.ok ? answer.data.value : state.address;
  }

  const search = part("search");
  let looking;

  function close() {
    part("found").hidden = true;
    search.setAttribute("aria-expanded", "false");
    search.removeAttribute("aria-activedescendant");
  }

  async function look() {
    const text = search.value.trim().replace(/^@/, "");
    if (!text) return close();
    const answer = await api("GET", `/v1/watchlist?${new URLSearchParams({ prefix: text, limit: "8" })}`);
    if (!answer.ok || search.value.trim().replace(/^@/, "") !== text) return undefined;
    const found = answer.data.addresses.map((address, place) => {
      const option = make("li", "", "");
      option.id = `found-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.append(make("span", address.value, "value"), " ", make("span", String(address.sightings), "hint"));
      option.addEventListener("mousedown", (event) => event.preventDefault());
      option.addEventListener("click", () => choose(address.id));
      return option;
    });
    const none = make("li", words.none, "hint");
    none.setAttribute("role", "option");
    none.setAttribute("aria-disabled", "true");
    part("found").replaceChildren(...(found.length ? found : [none]));
    part("found").hidden = false;
    search.setAttribute("aria-expanded", "true");
    return undefined;
  }

  function choose(id) {
    close();
    change({ address: id });
    part("any").focus();
  }

  search.addEventListener("input", () => {
    clearTimeout(looking);
    looking = setTimeout(look, 150);
  });
  search.addEventListener("blur", close);
  search.addEventListener("keydown", (event) => {
    const options = [...part("found").querySelectorAll("[id]")];
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "Escape") close();
    else if (event.key === "Enter") {
      event.preventDefault();
      if (!part("found").hidden) (options[at] ?? options[0])?.click();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length) {
      event.preventDefault();
      const next = (at + (event.key === "ArrowDown" ? 1 : options.length - (at < 0 ? 0 : 1))) % options.length;
      options.forEach((option, place) => option.setAttribute("aria-selected", String(place === next)));
      search.setAttribute("aria-activedescendant", options[next].id);
      options[next].scrollIntoView({ block: "nearest" });
    }
  });

  // ---- beginning ----

  part("any").addEventListener("click", () => {
    change({ address: null });
    search.focus();
  });
  part("filters").addEventListener("submit", (event) => event.preventDefault());
  for (const name of FILTERS) part(name).addEventListener("change", () => change({ [name]: part(name).value || null }));
  part("everything").addEventListener("click", everything);
  map.on("moveend", () => {
    if (isMoving) return;
    const at = map.getCenter().wrap();
    state.at = `${at.lat.toFixed(5)},${at.lng.toFixed(5)},${Math.round(map.getZoom())}`;
    write(false);
    load();
  });

  function go() {
    const [lat, lon, zoom] = view() ?? [];
    isMoving = true;
    if (zoom !== undefined && Math.abs(lat) <= 90) map.setView([lat, lon], zoom, { animate: false });
    else everything();
    isMoving = false;
  }

  window.addEventListener("popstate", async () => {
    read();
    go();
    await apply();
  });

  /** Draw the region, and the territories in it: those areas that have a name. */
  function outline(shapes) {
    L.geoJSON(shapes, {
      style: { className: "map-outline" },
      interactive: false,
      onEachFeature: (feature, layer) => {
        const name = feature.properties?.name;
        if (typeof name !== "string" || name === "") return;
        const label = document.createElement("span"); // text would be taken for HTML
        label.textContent = name;
        layer.bindTooltip(label, { permanent: true, direction: "center", className: "map-territory", interactive: false });
      },
    }).addTo(map);
  }

  async function begin() {
    read();
    if (root.dataset.outline) {
      const answer = await api("GET", root.dataset.outline);
      if (answer.ok) outline(answer.data);
    }
    for (const name of FILTERS) part(name).value = state[name] ?? "";
    times.set(state);
    await Promise.all([tellTimes(), tellAddress()]);
    go();
    await load();
  }

  begin();
})();
