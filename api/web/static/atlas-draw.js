"use strict";

// What the map page draws of an answer, and the table that says the same. Values are text: never markup, never links.

(() => {
  const ROWS = 60;

  function make(tag, text = "", className = "") {
    const element = document.createElement(tag);
    if (text !== "") element.textContent = text;
    if (className) element.className = className;
    return element;
  }

  function link(href, text) {
    const element = make("a", text);
    element.href = href;
    return element;
  }

  function drawing(map, { rows, bare, words, states, kinds, day }) {
    const layer = L.layerGroup().addTo(map);
    const number = window.wallwatch.numbers;
    const short = new Intl.NumberFormat(document.documentElement.lang === "kk" ? "ru" : document.documentElement.lang, { notation: "compact" });

    /** So close that what is gathered here fills the map; one step at least, where the map has one. */
    function closer(feature) {
      const [west, south, east, north] = feature.bbox ?? L.geoJSON(feature).getBounds().toBBoxString().split(",").map(Number);
      const bounds = L.latLngBounds([south, west], [north, east]);
      const zoom = Math.max(map.getZoom() + 1, map.getBoundsZoom(bounds, false, L.point(60, 60)));
      map.setView(bounds.getCenter(), Math.min(18, zoom));
    }

    /** The addresses on a wall: each as text with a way to its own page. */
    const named = (place) => place.named.map((address) => {
      const line = make("p");
      const open = link(`/watchlist/${encodeURIComponent(address.id)}`, "→");
      open.setAttribute("aria-label", `${words.openAddress}: ${address.value}`);
      line.append(make("span", address.value, "value"), " ", make("span", kinds[address.kind] ?? address.kind, "tag"), " ", open);
      return line;
    });

    function about(place) {
      const box = make("div");
      const open = make("p");
      open.append(link(`/walls/${encodeURIComponent(place.wall)}`, words.open));
      box.append(
        make("p", `${states[place.state] ?? place.state}; ${words.sightings}: ${number.format(place.sightings)}`),
        make("p", `${words.first}: ${day(place.first_seen_at)}; ${words.last}: ${day(place.last_seen_at)}`),
        ...named(place),
        open,
      );
      return box;
    }

    function cluster(feature) {
      const { geometry: { coordinates: at }, properties: place } = feature;
      const size = Math.round(30 + 7 * Math.log10(place.sightings));
      const text = make("span", short.format(place.sightings));
      const icon = L.divIcon({ className: "atlas-cluster", html: text, iconSize: [size, size] });
      const label = `${words.cell}; ${words.walls}: ${number.format(place.walls)}, ${words.sightings}: ${number.format(place.sightings)}`;
      const marker = L.marker([at[1], at[0]], { icon, title: label, alt: label, riseOnHover: true }).addTo(layer);
      marker.getElement().setAttribute("aria-label", label);
      marker.on("click", () => closer(feature));
      marker.on("keypress", (event) => { if (event.originalEvent.key === "Enter") closer(feature); });
    }

    function wall({ geometry: { coordinates: at }, properties: place }) {
      const label = `${place.named.map((address) => address.value).join(", ")}; ${words.sightings}: ${number.format(place.sightings)}`;
      const size = Math.min(14, 7 + 2 * Math.log2(place.sightings));
      const chosen = () => L.popup().setLatLng([at[1], at[0]]).setContent(about(place)).openOn(map);
      window.wallwatchMap.dot(layer, { lat: at[1], lon: at[0], kind: place.state ?? "", label, size, chosen });
    }

    function row(feature) {
      const place = feature.properties;
      const line = make("tr");
      const where = make("td");
      if (place.wall) {
        const open = make("div");
        open.append(link(`/walls/${encodeURIComponent(place.wall)}`, words.wall), " ", make("span", states[place.state] ?? place.state, `tag ${place.state === "painted" ? "good" : ""}`));
        where.append(open, ...named(place));
      } else {
        const button = make("button", words.closer);
        button.type = "button";
        button.setAttribute("aria-label", `${words.closer}; ${words.sightings}: ${number.format(place.sightings)}`);
        button.addEventListener("click", () => closer(feature));
        where.append(make("div", `${words.walls}: ${number.format(place.walls)}`), button);
      }
      line.append(where, make("td", number.format(place.sightings), "number"), make("td", number.format(place.addresses), "number"), make("td", place.last_seen_at ? day(place.last_seen_at) : "—"));
      return line;
    }

    function show(features) {
      layer.clearLayers();
      const most = Math.max(1, ...features.map((feature) => feature.properties.sightings));
      // Those with most sightings come last, and lie above the others.
      for (const feature of features.toReversed()) {
        if (feature.geometry.type === "Polygon") {
          const step = most > 1 ? 1 + Math.floor((4 * Math.log(feature.properties.sightings)) / Math.log(most)) : 3;
          L.geoJSON(feature, { style: { className: `atlas-heat heat-${step}` }, interactive: false }).addTo(layer);
        } else if (feature.properties.wall) wall(feature);
        else cluster(feature);
      }
      rows.replaceChildren(...features.slice(0, ROWS).map(row));
      bare.hidden = features.length > 0;
    }

    return { show };
  }

  window.wallwatchDraw = { drawing, make };
})();
