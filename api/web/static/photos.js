"use strict";

// Photos from the desk: each is a report of its own, sent under a key that its bytes make, so that sending it again is
// sending it once. How far it is stays in the tab; the photos themselves do not: a reload needs them chosen again.

(() => {
  const { fill, numbers, pause } = window.wallwatch;
  const form = document.getElementById("photos");
  const said = JSON.parse(form.dataset.words);
  const suffixes = JSON.parse(form.dataset.suffixes);
  const alert = form.querySelector("[role=alert]");
  const card = document.getElementById("sending");
  const bar = document.getElementById("sending-bar");
  const body = card.querySelector("tbody");
  const stop = document.getElementById("photos-stop");
  const again = document.getElementById("photos-again");
  const save = document.getElementById("photos-refused");
  const KEPT = `wallwatch-photos-${form.dataset.who}`;
  const FIELDS = ["lat", "lon", "place", "accuracy_m", "note", "seen_at"];
  const NAMES = ["file", "photo", "файл", "фото"];
  let items = []; // {name, file, fields, state, why, report}
  let isStopped = false;
  let isSending = false;

  const base = (name) => name.slice(name.lastIndexOf("/") + 1);

  /** Rows of a table with commas, semicolons or tabs; quotes as spreadsheets write them. */
  function parse(text) {
    const head = text.split(/\r?\n/, 1)[0];
    const comma = [",", ";", "\t"].sort((a, b) => head.split(b).length - head.split(a).length)[0];
    const rows = [[]];
    let cell = "";
    let isQuoted = false;
    for (let at = 0; at < text.length; at += 1) {
      const char = text[at];
      if (isQuoted) {
        if (char !== '"') cell += char;
        else if (text[at + 1] === '"') { cell += char; at += 1; }
        else isQuoted = false;
      } else if (char === '"' && cell === "") isQuoted = true;
      else if (char === comma || char === "\n") {
        rows.at(-1).push(cell.trim());
        cell = "";
        if (char === "\n") rows.push([]);
      } else if (char !== "\r") cell += char;
    }
    rows.at(-1).push(cell.trim());
    return rows.filter((row) => row.some(Boolean));
  }

  /** What the table says of each file, by its name; null when it is no such table. */
  function placesIn(text) {
    const [head = [], ...rows] = parse(text.replace(/^\uFEFF/, ""));
    const columns = head.map((name) => name.toLowerCase());
    const named = columns.findIndex((name) => NAMES.includes(name));
    if (named < 0 || !(columns.includes("place") || (columns.includes("lat") && columns.includes("lon")))) return null;
    const found = new Map();
    for (const row of rows) {
      if (!row[named]) continue;
      const fields = {};
      columns.forEach((name, at) => { if (FIELDS.includes(name) && row[at]) fields[name] = row[at]; });
      found.set(row[named].replaceAll("\\", "/"), fields);
    }
    return found;
  }

  async function keyOf(file, name) {
    if (crypto.subtle) {
      const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
      return `desk-${[...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
    }
    // A page over plain HTTP has no digests: what the sender's machine says of the file stands for its bytes.
    let hash = 2166136261;
    for (const char of name) hash = Math.imul(hash ^ char.codePointAt(0), 16777619) >>> 0;
    return `desk-${hash.toString(16)}-${file.size}-${file.lastModified}`;
  }

  async function gather() {
    const chosen = [...document.getElementById("pictures").files, ...document.getElementById("folder").files];
    const table = document.getElementById("places").files[0];
    const places = table ? placesIn(await table.text()) : new Map();
    if (places === null) return said.table;
    const used = new Set();
    const limit = Number(form.dataset.limit);
    items = chosen.filter((file) => !file.name.startsWith(".") && file !== table).map((file) => {
      const name = file.webkitRelativePath || file.name;
      const inFolder = name.includes("/") ? name.slice(name.indexOf("/") + 1) : name;
      const key = [name, inFolder, base(name)].find((each) => places.has(each));
      if (key !== undefined) used.add(key);
      const item = { name, file, fields: places.get(key) ?? {}, state: "waits", why: "", report: "" };
      if (!suffixes.some((suffix) => name.toLowerCase().endsWith(suffix))) refuse(item, said.type);
      else if (file.size > limit) refuse(item, fill(said.large, { n: numbers.format(limit / 1048576) }));
      return item;
    }).filter((item) => !(item.why === said.type && /\.(csv|txt)$/i.test(item.name)));
    for (const name of places.keys()) if (!used.has(name)) items.push(refuse({ name, report: "" }, said.alone));
    return items.length ? "" : said.none;
  }

  function refuse(item, why) {
    return Object.assign(item, { state: "refused", why });
  }

  function send(item, key) {
    const data = new FormData();
    for (const [name, text] of Object.entries(item.fields)) data.append(name, text);
    data.append("photo", item.file, base(item.name));
    const request = new XMLHttpRequest();
    request.open("POST", "/v1/reports");
    request.setRequestHeader("X-CSRF-Token", document.querySelector("meta[name=csrf]").content);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Accept-Language", document.documentElement.lang);
    request.setRequestHeader("Idempotency-Key", key);
    request.upload.addEventListener("progress", (event) => {
      item.part = event.loaded / event.total;
      draw(item);
    });
    return new Promise((then) => {
      request.addEventListener("loadend", () => {
        let answer = null;
        try { answer = JSON.parse(request.responseText); } catch { /* nothing came, or no JSON */ }
        const wait = Number(request.getResponseHeader("Retry-After")) || 1;
        then({ status: request.status, data: answer, wait });
      });
      request.send(data);
    });
  }

  async function sendOne(item) {
    let key;
    try {
      key = await keyOf(item.file, item.name);
    } catch (error) {
      return refuse(item, error.message); // it was moved or cannot be read
    }
    while (!isStopped) {
      const { status, data, wait } = await send(item, key);
      if (status === 201) return Object.assign(item, { state: "sent", report: data.id, why: "" });
      if (status === 429 || status === 503) await pause(wait * 1000);
      else if (status >= 400 && status < 500) return refuse(item, data?.detail ?? String(status));
      else return Object.assign(item, { state: "unsent", why: data?.detail ?? said.offline });
    }
    return Object.assign(item, { state: "unsent" });
  }

  async function sendAll() {
    isStopped = false;
    isSending = true;
    buttons();
    let n = 0;
    for (const item of items) {
      if (item.state !== "waits" && item.state !== "unsent") continue;
      if (isStopped) {
        item.state = "unsent";
      } else {
        item.state = "sending";
        draw(item);
        await sendOne(item);
        // Without a connection the next would fail as well.
        if (item.state === "unsent" && item.why === said.offline) isStopped = true;
      }
      draw(item);
      n += 1;
      if (n % 25 === 0) keep(); // a tab that crashes forgets no more than these
      tally(said.progress);
    }
    isSending = false;
    keep();
    tally(said.ended);
    buttons();
  }

  const many = (state) => items.filter((item) => item.state === state).length;

  function tally(text) {
    const done = items.length - many("waits") - many("sending") - many("unsent");
    bar.max = items.length;
    bar.value = done;
    const values = { done, all: items.length, sent: many("sent"), refused: many("refused"), unsent: many("unsent") };
    document.getElementById("sending-said").textContent = fill(text, Object.fromEntries(Object.entries(values).map(([name, n]) => [name, numbers.format(n)])));
  }

  function buttons() {
    form.querySelector("button.main").disabled = isSending;
    stop.hidden = !isSending;
    again.hidden = isSending || !items.some((item) => item.state === "unsent" && item.file);
    save.hidden = isSending || many("refused") === 0;
  }

  const TAGS = { sent: "good", refused: "bad", unsent: "warn" };

  function draw(item) {
    item.row ??= body.insertRow();
    const name = document.createElement("td");
    name.className = "name";
    name.textContent = item.name;
    const state = document.createElement("td");
    const tag = document.createElement("span");
    tag.className = `tag ${TAGS[item.state] ?? ""}`;
    tag.textContent = said[item.state];
    state.append(tag);
    if (item.state === "sending" && item.part !== undefined) state.append(` ${Math.round(item.part * 100)} %`);
    const why = document.createElement("td");
    why.textContent = item.why;
    if (item.report) {
      const link = document.createElement("a");
      link.href = `/reports/${encodeURIComponent(item.report)}`;
      link.textContent = said.report;
      why.append(link);
    }
    item.row.replaceChildren(name, state, why);
  }

  function keep() {
    const kept = items.map(({ name, state, why, report }) => ({ name, state, why, report }));
    try { sessionStorage.setItem(KEPT, JSON.stringify(kept)); } catch { /* too many for the browser: a reload forgets */ }
  }

  function drawAll() {
    card.hidden = false;
    body.replaceChildren();
    items.forEach(draw);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    alert.textContent = await gather();
    if (alert.textContent) return;
    drawAll();
    keep();
    tally(said.progress);
    sendAll();
  });
  again.addEventListener("click", sendAll);
  stop.addEventListener("click", () => { isStopped = true; });
  save.addEventListener("click", () => {
    // A cell that a spreadsheet would take for a formula begins with an apostrophe.
    const cell = (text) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
    const rows = [[said.columns[0], said.columns[2]], ...items.filter((item) => item.state === "refused").map((item) => [item.name, item.why])];
    const file = new Blob(["\uFEFF", rows.map((row) => row.map(cell).join(",")).join("\r\n"), "\r\n"], { type: "text/csv" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = "wallwatch-refused.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
  window.addEventListener("beforeunload", (event) => { if (isSending) event.preventDefault(); });
  window.addEventListener("pagehide", () => { if (isSending) keep(); });

  try {
    items = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
  } catch { items = []; }
  if (items.length) {
    for (const item of items) if (item.state === "waits" || item.state === "sending") item.state = "unsent";
    drawAll();
    tally(said.stood);
    buttons();
  }
})();
