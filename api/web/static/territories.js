"use strict";

// Territories: areas on the map, and a file that is tried before it is taken in. What comes from the file is text only.

(() => {
  const { api, words } = window.wallwatch;
  const holder = document.getElementById("areas");

  function draw(collection) {
    const style = window.wallwatchMap.style;
    const layer = L.geoJSON(collection, {
      style: { color: style("--accent"), weight: 2, fillOpacity: 0.15 },
      onEachFeature: (feature, shape) => {
        const name = document.createElement("span");
        name.textContent = feature.properties.name;
        shape.bindTooltip(name);
        if (holder.dataset.areas) shape.on("click", () => location.assign(`/territories/${feature.id}`));
      },
    });
    const bounds = layer.getBounds();
    const map = window.wallwatchMap.make(holder.querySelector(".map"), bounds.isValid() ? { bounds: bounds.pad(0.1) } : {});
    layer.addTo(map);
    map.scrollWheelZoom.disable();
  }
  if (holder?.dataset.area) draw(JSON.parse(holder.dataset.area));
  else if (holder) api("GET", holder.dataset.areas).then((answer) => { if (answer.ok) draw(answer.data); });

  const form = document.getElementById("import");
  if (!form) return;
  const said = JSON.parse(form.dataset.words);
  const real = document.getElementById("real");
  const outcome = document.getElementById("outcome");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");
  let tried = null; // only the same file with the same choice may be taken in

  const chosen = () => {
    const file = form.elements.file.files[0];
    return file ? JSON.stringify([file.name, file.size, file.lastModified, form.elements.remove_missing.checked]) : null;
  };
  const allow = () => { real.disabled = tried === null || chosen() !== tried; };
  form.addEventListener("change", allow);

  function item(list, text) {
    const line = document.createElement("li");
    line.textContent = text;
    list.append(line);
    return line;
  }

  function inner(line, texts) {
    if (!texts.length) return;
    const list = document.createElement("ul");
    line.append(list);
    texts.forEach((text) => item(list, text));
  }

  function show(found) {
    const list = outcome.querySelector("ul");
    list.replaceChildren();
    outcome.hidden = false;
    outcome.querySelector("p").textContent = found.dry_run ? said.would : said.done;
    for (const name of ["added", "changed", "same"]) item(list, fill(said[name], { n: found[name] }));
    for (const name of ["removed", "kept"]) if (found[name].length) inner(item(list, fill(said[name], { n: found[name].length })), found[name]);
    const why = (each) => fill(said.row, { number: each.number, name: each.name, reason: each.reason ?? each.why });
    if (found.refused_count) inner(item(list, fill(said.refused, { n: found.refused_count })), found.refused.map(why));
    if (found.mended.length) inner(item(list, fill(said.mended, { n: found.mended.length })), found.mended.map(why));
    if (found.overlap_count) {
      const texts = found.overlaps.map((each) => fill(said.overlap, { one: each.one, other: each.other, area: Math.round(each.area_m2) }));
      inner(item(list, fill(said.overlaps, { n: found.overlap_count })), texts);
    }
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const isDry = event.submitter?.value !== "real";
    const alert = form.querySelector("[role=alert]");
    alert.textContent = "";
    const body = new FormData();
    body.append("file", form.elements.file.files[0]);
    const of = chosen();
    const query = new URLSearchParams({ dry_run: isDry, remove_missing: form.elements.remove_missing.checked });
    form.querySelectorAll("button").forEach((button) => { button.disabled = true; });
    const answer = await api("POST", `/v1/territories/import?${query}`, body);
    form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
    if (answer.ok) show(answer.data);
    else alert.textContent = answer.data?.detail ?? words.failed;
    tried = answer.ok && isDry ? of : null;
    allow();
    if (answer.ok && !isDry) setTimeout(() => location.assign("/territories"), 1500);
  });
})();
