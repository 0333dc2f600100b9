"use strict";

// The charts of the statistics. Colours are the page's own tokens; lines differ in dashes and marks as well, bars are
// hatched. A picture is drawn anew in the colours of daylight, on white, whatever the page looks like.

(() => {
  const { Chart } = window;
  // Browsers that know no Kazakh write its numbers as English; Russian has the same comma and spaces.
  const lang = { kk: "ru", en: "en-GB" }[document.documentElement.lang] ?? document.documentElement.lang;
  const canvases = [...document.querySelectorAll("canvas[data-lines]")];
  const COLOURS = ["--accent", "--bad", "--good", "--warn"];
  const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
  const MARKS = ["circle", "rectRot", "triangle", "rect"];
  const NEEDED = [...COLOURS, "--ink", "--ink-2", "--line", "--paper"];
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const drawn = new Map();

  /** The tokens as the page shows them now. */
  function present() {
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(NEEDED.map((name) => [name, style.getPropertyValue(name).trim()]));
  }

  /** The tokens of daylight: the first rule of the file that has them, before those of darkness. */
  function daylight() {
    for (const sheet of document.styleSheets) {
      const rule = [...sheet.cssRules].find((each) => each.selectorText === ":root" && each.style.getPropertyValue("--ink"));
      if (rule) return Object.fromEntries(NEEDED.map((name) => [name, rule.style.getPropertyValue(name).trim()]));
    }
    return present();
  }

  function hatched(colour, paper) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.fillStyle = paper;
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = colour;
    pen.lineWidth = 2.5;
    for (const from of [-8, 0, 8]) {
      pen.beginPath();
      pen.moveTo(from, 8);
      pen.lineTo(from + 8, 0);
      pen.stroke();
    }
    return pen.createPattern(tile, "repeat");
  }

  function writing(unit) {
    const options = unit === "share" ? { style: "percent", maximumFractionDigits: 1 } : { maximumFractionDigits: 1 };
    const form = new Intl.NumberFormat(lang, options);
    return (value) => form.format(value);
  }

  function lineOf(line, at, isBar, tokens) {
    const colour = tokens[COLOURS[at]];
    const shared = { label: line.name, data: line.values, borderColor: colour };
    if (isBar) return { ...shared, borderWidth: 2, backgroundColor: hatched(colour, tokens["--paper"]), maxBarThickness: 48 };
    return {
      ...shared, borderWidth: 2.5, borderDash: DASHES[at], pointStyle: MARKS[at], pointRadius: line.values.length > 60 ? 2 : 4,
      pointHoverRadius: 6, backgroundColor: colour, tension: 0, spanGaps: false,
    };
  }

  function settings(canvas, tokens, title) {
    const { unit } = canvas.dataset;
    const write = writing(unit);
    const isBar = canvas.dataset.bars === "yes";
    const font = { family: getComputedStyle(document.body).fontFamily };
    const axis = { ticks: { color: tokens["--ink-2"], font }, grid: { color: tokens["--line"] }, border: { color: tokens["--line"] } };
    return {
      type: isBar ? "bar" : "line",
      data: {
        labels: JSON.parse(canvas.closest("[data-labels]").dataset.labels),
        datasets: JSON.parse(canvas.dataset.lines).map((line, at) => lineOf(line, at, isBar, tokens)),
      },
      options: {
        responsive: !title,
        maintainAspectRatio: false,
        animation: isCalm || title ? false : { duration: 250 },
        locale: lang,
        interaction: { mode: "index", intersect: false },
        scales: {
          x: { ...axis, grid: { display: false }, ticks: { ...axis.ticks, maxRotation: 45, autoSkipPadding: 12 } },
          y: {
            ...axis, beginAtZero: true, suggestedMax: unit === "share" ? 1 : undefined,
            ticks: { ...axis.ticks, callback: write, precision: unit === "count" ? 0 : undefined },
          },
        },
        plugins: {
          title: { display: Boolean(title), text: title, color: tokens["--ink"], font: { ...font, size: 18 } },
          legend: { position: "bottom", labels: { color: tokens["--ink"], font, usePointStyle: !isBar, boxHeight: 9 } },
          tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${write(item.parsed.y)}` } },
        },
      },
      plugins: title ? [{ id: "paper", beforeDraw: ({ ctx, width, height }) => { ctx.save(); ctx.fillStyle = "white"; ctx.fillRect(0, 0, width, height); ctx.restore(); } }] : [],
    };
  }

  function drawAll() {
    const tokens = present();
    for (const canvas of canvases) {
      drawn.get(canvas)?.destroy();
      drawn.set(canvas, new Chart(canvas, settings(canvas, tokens, "")));
      canvas.dataset.drawn = "yes";
    }
  }

  function save(canvas) {
    const title = document.getElementById(`${canvas.id}-title`).textContent;
    const paper = document.createElement("canvas");
    paper.width = 1200;
    paper.height = 675;
    const wanted = settings(canvas, daylight(), title);
    wanted.options.devicePixelRatio = 2;
    const chart = new Chart(paper, wanted);
    paper.toBlob((file) => {
      chart.destroy();
      const link = document.createElement("a");
      link.href = URL.createObjectURL(file);
      link.download = `wallwatch-${canvas.id}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    }, "image/png");
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-png]");
    if (button) save(document.getElementById(button.dataset.png));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  window.addEventListener("beforeprint", () => drawn.forEach((chart) => chart.resize()));
  drawAll();
})();
