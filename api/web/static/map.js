"use strict";

// Maps that all pages share: Leaflet over the tile server of the settings, or over a plain grid that needs no network.
//
// In a template:
//   {% import "shared/macros.html" as macros %}
//   {% block styles %}{{ macros.map_styles() }}{% endblock %}
//   {% block scripts %}{{ macros.map_scripts() }}<script src="{{ asset('mine.js') }}" defer></script>{% endblock %}
//   {{ macros.map("where", _("Place")) }}          makes <div id="where" class="map" role="region" …>
//
// In a script (window.L is Leaflet itself):
//   const map = wallwatchMap.make(element, {lat, lon, zoom});    or {bounds: [[south, west], [north, east]]}; without
//                                                               either the whole region is shown. Answers the L.Map.
//   wallwatchMap.pin(map, {lat, lon, label, moved});            a pin that is dragged, moved with the arrow keys
//                                                               (Shift: ten times as far) or put where the map is
//                                                               clicked; calls moved({lat, lon}). Answers the L.Marker.
//   wallwatchMap.dot(map, {lat, lon, kind, label, size, chosen});  a round mark that can be focused; kind is a status, or
//                                                               "good", "warn", "bad"; chosen() is called on click or
//                                                               Enter. The label is text. Answers the L.CircleMarker.
//   wallwatchMap.refresh(map);                                  after the element was hidden or changed its size.
//   wallwatchMap.style(name);                                   the value of a token of tokens.css, such as "--accent".
//
// The region's box and the words come from the element's data- attributes, which the macro writes.

(() => {
  const STEPS_DEG = [30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001];
  const LINE_EVERY_PX = 110;
  const CLOSEST = 19;
  const KEY_STEP_PX = 4;
  const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /** Lines of latitude and longitude with their degrees, drawn here. */
  const Grid = L.GridLayer.extend({
    createTile(coords) {
      const size = this.getTileSize();
      const ratio = Math.min(window.devicePixelRatio || 1, 3);
      const canvas = document.createElement("canvas");
      canvas.width = size.x * ratio;
      canvas.height = size.y * ratio;
      const pen = canvas.getContext("2d");
      pen.scale(ratio, ratio);
      const map = this._map;
      const origin = coords.scaleBy(size);
      const from = map.unproject(origin, coords.z);
      const to = map.unproject(origin.add(size), coords.z);
      const step = STEPS_DEG.findLast((each) => each >= ((to.lng - from.lng) / size.x) * LINE_EVERY_PX) ?? STEPS_DEG[0];
      const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
      pen.strokeStyle = style("--line");
      pen.fillStyle = style("--ink-2");
      pen.font = `11px ${style("--font")}`;
      const line = (x1, y1, x2, y2) => {
        pen.beginPath();
        pen.moveTo(x1, y1);
        pen.lineTo(x2, y2);
        pen.stroke();
      };
      for (let n = Math.ceil(from.lng / step); n * step < to.lng; n++) {
        const x = Math.round(map.project([0, n * step], coords.z).x - origin.x) + 0.5;
        line(x, 0, x, size.y);
        pen.fillText(`${(n * step).toFixed(digits)}°`, x + 3, 11);
      }
      for (let n = Math.ceil(to.lat / step); n * step < from.lat; n++) {
        const y = Math.round(map.project([n * step, 0], coords.z).y - origin.y) + 0.5;
        line(0, y, size.x, y);
        pen.fillText(`${(n * step).toFixed(digits)}°`, 3, y - 3);
      }
      return canvas;
    },
  });

  const boxOf = (element) => JSON.parse(element.dataset.region || "null");

  function make(element, { lat, lon, zoom = 15, bounds } = {}) {
    const words = JSON.parse(element.dataset.words || "{}");
    const map = L.map(element, { zoomControl: false, attributionControl: false, maxZoom: CLOSEST, worldCopyJump: true });
    const tiles = element.dataset.tiles;
    const ground = tiles ? L.tileLayer(tiles, { maxZoom: CLOSEST, className: "map-tiles" }) : new Grid({ className: "map-grid" });
    const box = boxOf(element);
    const region = box && [[box[0], box[1]], [box[2], box[3]]];
    if (lat !== undefined && lon !== undefined) map.setView([lat, lon], zoom);
    else if (bounds ?? region) map.fitBounds(bounds ?? region, { maxZoom: 17, animate: false });
    else map.setView([0, 0], 2);
    ground.addTo(map);
    if (region && !tiles) L.rectangle(region, { className: "map-region", interactive: false }).addTo(map);
    L.control.zoom({ zoomInTitle: words.closer ?? "", zoomOutTitle: words.further ?? "" }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    if (!tiles) matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => ground.redraw());
    return map;
  }

  function pin(map, { lat, lon, label = "", moved = () => undefined }) {
    const icon = L.divIcon({ className: "map-pin", iconSize: [36, 36], iconAnchor: [18, 34] });
    const marker = L.marker([lat, lon], { icon, draggable: true, autoPan: true, title: label, alt: label }).addTo(map);
    const tell = () => {
      const at = marker.getLatLng().wrap();
      moved({ lat: at.lat, lon: at.lng });
    };
    marker.on("dragend", tell);
    map.on("click", (event) => {
      marker.setLatLng(event.latlng);
      tell();
    });
    const element = marker.getElement();
    element.setAttribute("aria-label", label);
    element.addEventListener("keydown", (event) => {
      const way = ARROWS[event.key];
      if (!way) return;
      event.preventDefault();
      event.stopPropagation();
      const far = KEY_STEP_PX * (event.shiftKey ? 10 : 1);
      const at = map.latLngToContainerPoint(marker.getLatLng()).add([way[0] * far, way[1] * far]);
      marker.setLatLng(map.containerPointToLatLng(at));
      map.panInside(marker.getLatLng(), { padding: [40, 40] });
      tell();
    });
    return marker;
  }

  function dot(map, { lat, lon, kind = "", label = "", size = 8, chosen }) {
    const mark = L.circleMarker([lat, lon], { radius: size, className: `map-dot ${kind}`, interactive: Boolean(chosen || label) });
    mark.addTo(map);
    const element = mark.getElement();
    if (label) {
      const text = document.createElement("span");
      text.textContent = label;
      mark.bindTooltip(text);
      element.setAttribute("role", chosen ? "button" : "img");
      element.setAttribute("aria-label", label);
    }
    if (chosen) {
      element.setAttribute("tabindex", "0");
      mark.on("click", chosen);
      element.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        chosen();
      });
    }
    return mark;
  }

  window.wallwatchMap = { make, pin, dot, style, refresh: (map) => map.invalidateSize({ animate: false }) };
})();
