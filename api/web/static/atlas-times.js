"use strict";

// The map's time slider: bars of counts, and two ends that are moved.
//
//   const times = wallwatchTimes.make({bars, since, until, span}, {words, changed});
//   times.show(periods)              periods of GET /v1/map/times
//   times.set({since, until})        days of the address of the page, or none
//   times.chosen()                   {since, until}; empty when everything is chosen
//   times.whole()                    {since, until} of everything

(() => {
  const SVG = "http://www.w3.org/2000/svg";

  function make({ bars, since, until, span }, { words, day, changed }) {
    let periods = [];
    let wanted = {};

    const ends = () => [Number(since.value), Number(until.value)].sort((one, other) => one - other);

    function draw() {
      const [first, last] = ends();
      const most = Math.max(1, ...periods.map((period) => period.sightings));
      const wide = 100 / Math.max(1, periods.length);
      bars.replaceChildren(...periods.map((period, place) => {
        const bar = document.createElementNS(SVG, "rect");
        const high = period.sightings ? Math.max(0.6, (period.sightings / most) * 19) : 0;
        const facts = { x: place * wide, y: 20 - high, width: wide * 0.9, height: high };
        for (const [name, value] of Object.entries(facts)) bar.setAttribute(name, value.toFixed(3));
        if (place >= first && place <= last) bar.setAttribute("class", "in");
        return bar;
      }));
      if (!periods.length) return;
      const [from, to] = [day(periods[first].start), day(periods[last].end)];
      since.setAttribute("aria-valuetext", words.from.replace("{day}", from));
      until.setAttribute("aria-valuetext", words.to.replace("{day}", to));
      const sum = periods.slice(first, last + 1).reduce((total, period) => total + period.sightings, 0);
      span.textContent = `${from} – ${to} · ${words.sightings}: ${sum}`;
    }

    function set({ since: from, until: to } = {}) {
      wanted = { since: from || null, until: to || null };
      const last = Math.max(0, periods.length - 1);
      for (const input of [since, until]) input.max = String(last);
      const first = wanted.since ? periods.findLastIndex((period) => period.start <= wanted.since) : 0;
      const end = wanted.until ? periods.findIndex((period) => period.end >= wanted.until) : last;
      since.value = String(Math.max(0, first));
      until.value = String(end < 0 ? last : end);
      draw();
    }

    for (const input of [since, until]) {
      input.addEventListener("input", draw);
      input.addEventListener("change", () => {
        const [first, last] = ends();
        const isAll = first === 0 && last === periods.length - 1;
        wanted = isAll ? { since: null, until: null } : { since: periods[first].start, until: periods[last].end };
        set(wanted);
        changed();
      });
    }

    return {
      show: (found) => { periods = found; set(wanted); },
      set,
      chosen: () => wanted,
      whole: () => ({ since: periods[0]?.start, until: periods.at(-1)?.end }),
    };
  }

  window.wallwatchTimes = { make };
})();
