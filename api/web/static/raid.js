"use strict";

// The raid list: the way on a map, and a list around where the phone is.

(() => {
  const form = document.getElementById("raid-form");
  const words = JSON.parse(form.dataset.words);

  document.getElementById("around-me").addEventListener("click", (event) => {
    const button = event.currentTarget;
    const alert = form.querySelector("[role=alert]");
    button.disabled = true;
    const failed = () => {
      button.disabled = false;
      alert.textContent = words.nowhere;
    };
    if (!navigator.geolocation) return failed();
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const here = `${coords.latitude.toFixed(5)},${coords.longitude.toFixed(5)}`;
        form.elements.territory.value = form.elements.box.value = "";
        form.elements.circle.value = `${here},1000`;
        form.elements.start.value = here;
        form.requestSubmit();
        button.disabled = false;
      },
      failed,
      { enableHighAccuracy: true, timeout: 15000 },
    );
  });

  const element = document.querySelector("#way .map");
  if (!element) return;
  const stops = [...document.querySelectorAll("#stops [data-lat]")].map((row) => [Number(row.dataset.lat), Number(row.dataset.lon)]);
  const way = form.elements.start.value ? [form.elements.start.value.split(",").map(Number), ...stops] : stops;
  const map = window.wallwatchMap.make(element, way.length === 1 ? { lat: way[0][0], lon: way[0][1], zoom: 16 } : { bounds: L.latLngBounds(way).pad(0.1) });
  L.polyline(way, { color: window.wallwatchMap.style("--accent"), weight: 3, interactive: false }).addTo(map);
  stops.forEach(([lat, lon], place) => window.wallwatchMap.dot(map, { lat, lon, size: 8, label: String(place + 1) }));
  map.scrollWheelZoom.disable();
})();
