"use strict";

// Where the graffiti is: from the phone, from the photo, from a text, or by a pin on the map.
//
//   const place = wallwatchPlace.on(fieldset, {check, changed});    check(text): what the API understands, {ok, status, data}
//   place.fields()      what a report says of its place; null while nothing is known
//   place.state(), place.restore(state)      for keeping a draft
//   place.prefer(way)   chooses a way unless a person chose one

(() => {
  const ROUGH_M = 100;
  const CHECK_AFTER_MS = 600;
  const digits = (degrees) => degrees.toFixed(5);
  const filled = window.wallwatch.fill;

  function on(fieldset, { check, changed }) {
    const words = JSON.parse(fieldset.dataset.words);
    const panel = (way) => fieldset.querySelector(`[data-way="${way}"]`);
    const text = panel("text").querySelector("input");
    let state = { way: "", byHand: false, phone: null, text: "", point: null };
    let map;
    let pin;
    let waiting;

    function say(way, said, kind = "") {
      const line = panel(way).querySelector(".said");
      line.className = `said ${kind}`;
      line.textContent = said;
    }

    function show(way) {
      state.way = way;
      fieldset.querySelectorAll("[data-way]").forEach((each) => { each.hidden = each.dataset.way !== way; });
      const radio = fieldset.querySelector(`input[value="${way}"]`);
      if (radio) radio.checked = true;
      if (way === "map") showMap();
    }

    function showMap() {
      const at = state.point ?? state.phone;
      if (map) {
        wallwatchMap.refresh(map);
        return;
      }
      map = wallwatchMap.make(panel("map").querySelector(".map"), at ? { lat: at.lat, lon: at.lon, zoom: 17 } : {});
      const start = at ?? { lat: map.getCenter().lat, lon: map.getCenter().lng };
      if (at) moved(at);
      pin = wallwatchMap.pin(map, { lat: start.lat, lon: start.lon, label: words.pin, moved });
    }

    function moved({ lat, lon }) {
      state.point = { lat, lon };
      say("map", filled(words.pinned, { lat: digits(lat), lon: digits(lon) }), "good");
      changed();
    }

    function found({ lat, lon, accuracy }) {
      state.phone = { lat, lon, accuracy };
      const isRough = accuracy > ROUGH_M;
      const said = filled(words.found, { lat: digits(lat), lon: digits(lon), metres: Math.max(1, Math.round(accuracy)) });
      say("phone", isRough ? `${said}. ${words.rough}` : said, isRough ? "warn" : "good");
      changed();
    }

    function look() {
      if (!navigator.geolocation || !window.isSecureContext) {
        say("phone", words.unable, "bad");
        return;
      }
      state.phone = null;
      say("phone", words.looking);
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => found({ lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy }),
        (error) => say("phone", error.code === 1 ? words.denied : words.nowhere, "bad"),
        { enableHighAccuracy: true, timeout: 20_000, maximumAge: 0 },
      );
    }

    async function understand() {
      const asked = text.value.trim();
      state.text = asked;
      changed();
      if (!asked) {
        say("text", "");
        return;
      }
      say("text", words.checking);
      const answer = await check(asked);
      if (asked !== text.value.trim()) return;
      if (answer.ok) say("text", filled(words.understood, { lat: digits(answer.data.lat), lon: digits(answer.data.lon) }), "good");
      else if (answer.status === 0 || answer.status === 401) say("text", words.later, "warn");
      else say("text", answer.data?.detail ?? "", "bad");
    }

    fieldset.addEventListener("change", (event) => {
      if (event.target.name !== "way") return;
      state.byHand = true;
      show(event.target.value);
      if (state.way === "phone" && !state.phone) look();
      changed();
    });
    fieldset.querySelector("#again").addEventListener("click", look);
    text.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(understand, CHECK_AFTER_MS);
    });
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });

    return {
      state: () => ({ ...state, text: text.value.trim() }),
      restore(kept) {
        state = { ...state, ...kept };
        text.value = state.text ?? "";
        fieldset.querySelectorAll("input[name=way]").forEach((each) => { each.checked = false; });
        if (map && pin && state.point) pin.setLatLng([state.point.lat, state.point.lon]);
        show(state.way);
        if (state.phone) found(state.phone);
        else say("phone", "");
        if (state.point) moved(state.point);
        if (state.way === "text") understand();
      },
      prefer(way) {
        if (state.byHand || state.way) return;
        show(way);
        if (way === "phone") look();
      },
      fields() {
        if (state.way === "photo") return {};
        if (state.way === "text") return text.value.trim() ? { place: text.value.trim() } : null;
        const at = state.way === "phone" ? state.phone : state.way === "map" ? state.point : null;
        if (!at) return null;
        const fields = { lat: at.lat.toFixed(7), lon: at.lon.toFixed(7) };
        if (state.way === "phone" && at.accuracy >= 0 && at.accuracy <= 100_000) fields.accuracy_m = at.accuracy.toFixed(1);
        return fields;
      },
    };
  }

  window.wallwatchPlace = { on };
})();
