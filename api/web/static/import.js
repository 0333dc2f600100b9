"use strict";

// A file of addresses: sent with its progress, then followed by its id, which stands in the address bar and so
// survives a reload. What comes from the file is only ever written as text.

(() => {
  const { api, fill, numbers, pause } = window.wallwatch;
  const form = document.getElementById("addresses");
  const said = JSON.parse(form.dataset.words);
  const alert = form.querySelector("[role=alert]");
  const card = document.getElementById("run");
  const bar = document.getElementById("run-bar");
  const real = document.getElementById("real");
  const dry = form.querySelector("button[value=dry]");
  const whyNot = document.getElementById("why-not");
  const counts = document.getElementById("run-counts");
  const kinds = Object.fromEntries([...document.querySelectorAll("#kinds dt")].map((each) => [each.textContent, each.nextElementSibling.textContent]));
  const MIB = 1048576;
  const FATES = ["added", "merged", "known", "refused"];
  let isSending = false;
  let seen = null; // what the dry run was of: only the same file with the same choices may be imported

  const say = (text) => { document.getElementById("run-said").textContent = text; };

  function asked() {
    const file = form.file.files[0];
    return file ? JSON.stringify([file.name, file.size, file.lastModified, form.format.value, form.kind.value]) : null;
  }

  function allow() {
    real.disabled = isSending || seen === null || asked() !== seen;
    real.classList.toggle("main", !real.disabled);
    dry.classList.toggle("main", real.disabled);
    whyNot.hidden = !real.disabled;
  }

  function show(title) {
    card.hidden = false;
    document.getElementById("run-title").textContent = title;
    counts.hidden = true;
    card.querySelectorAll("details").forEach((each) => { each.hidden = true; });
  }

  function progress(done, all) {
    bar.hidden = false;
    if (all) {
      bar.max = all;
      bar.value = done;
    } else bar.removeAttribute("value");
  }

  /** Send the file; the answer is as of wallwatch.api(). */
  function upload(file, isDry) {
    const query = new URLSearchParams({ dry_run: isDry });
    for (const name of ["format", "kind"]) if (form[name].value) query.set(name, form[name].value);
    const body = new FormData();
    body.append("file", file);
    const request = new XMLHttpRequest();
    request.open("POST", `/v1/imports?${query}`);
    request.setRequestHeader("X-CSRF-Token", document.querySelector("meta[name=csrf]").content);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Accept-Language", document.documentElement.lang);
    request.upload.addEventListener("progress", (event) => {
      progress(event.loaded, event.total);
      say(fill(said.upload, { done: numbers.format(Math.round(event.loaded / MIB * 10) / 10), all: numbers.format(Math.round(event.total / MIB * 10) / 10) }));
    });
    return new Promise((then) => {
      request.addEventListener("loadend", () => {
        let data = null;
        try { data = JSON.parse(request.responseText); } catch { /* nothing came, or no JSON */ }
        then({ ok: request.status >= 200 && request.status < 300, status: request.status, data });
      });
      request.send(body);
    });
  }

  async function start(isDry) {
    const file = form.file.files[0];
    alert.textContent = "";
    if (file.size > Number(form.dataset.limit)) {
      alert.textContent = fill(said.large, { n: numbers.format(Math.floor(form.dataset.limit / MIB)) });
      return;
    }
    const of = asked();
    isSending = true;
    allow();
    show(file.name);
    progress(0, file.size);
    card.focus();
    const answer = await upload(file, isDry);
    isSending = false;
    allow();
    if (!answer.ok) {
      card.hidden = true;
      alert.textContent = answer.data?.detail ?? said.lost;
      return;
    }
    history.replaceState(null, "", `?run=${encodeURIComponent(answer.data.id)}`);
    const run = await follow(answer.data.id);
    seen = isDry && run?.state === "finished" ? of : null;
    allow();
  }

  async function follow(id) {
    for (let looks = 0; ; looks += 1) {
      const answer = await api("GET", `/v1/imports/${encodeURIComponent(id)}`);
      if (answer.status === 404) {
        alert.textContent = said.gone;
        card.hidden = true;
        return null;
      }
      const run = answer.data;
      if (answer.ok) {
        told(run);
        if (run.ended_at || run.state === "unfinished") return run;
      }
      await pause(answer.ok && looks < 10 ? 200 : 1000);
    }
  }

  function told(run) {
    show(run.file_name);
    for (const fate of FATES) counts.querySelector(`[data-count=${fate}]`).textContent = numbers.format(run[fate]);
    counts.hidden = run.of === null && run.done === 0;
    progress(run.done, run.of);
    const how = { done: numbers.format(run.done), all: numbers.format(run.of ?? 0), n: numbers.format(run.entries ?? 0) };
    if (run.state === "waiting") say(said.waiting);
    else if (run.state === "reading") say(fill(said.reading, how));
    else if (run.state === "writing") say(fill(run.dry_run ? said.looking : said.writing, how));
    else ended(run);
  }

  function ended(run) {
    bar.hidden = true;
    if (run.state === "refused" || run.problem) {
      say(run.problem.detail);
      return;
    }
    const parts = [];
    if (run.state === "unfinished") parts.push(said.unfinished);
    else if (run.dry_run) parts.push(said.would);
    else parts.push(run.entries === null ? said.kept : said.done);
    if (run.resumed) parts.push(said.resumed);
    if (run.dry_run && !form.file.files[0]) parts.push(said.again);
    if (run.entries !== null) parts.push(fill(said.read, { n: numbers.format(run.entries) }));
    say(parts.join(" "));
    for (const part of card.querySelectorAll("details")) {
      const rows = run.told.filter((each) => each.fate === part.dataset.fate);
      const many = run[part.dataset.fate];
      part.hidden = rows.length === 0;
      part.querySelector("summary span").textContent = numbers.format(many);
      const hint = part.querySelector(".hint");
      hint.hidden = rows.length >= many;
      hint.textContent = fill(said.first, { n: numbers.format(rows.length) });
      part.querySelector("tbody").replaceChildren(...rows.map(row));
    }
  }

  function row(each) {
    const line = document.createElement("tr");
    for (const [text, name] of [[each.where], [kinds[each.kind] ?? each.kind ?? ""], [each.value, "value"], [each.reason]]) {
      const cell = line.insertCell();
      cell.textContent = text;
      if (name) cell.className = name;
    }
    return line;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    start(event.submitter?.value !== "real");
  });
  form.addEventListener("change", allow);
  window.addEventListener("beforeunload", (event) => { if (isSending) event.preventDefault(); });

  const id = new URLSearchParams(location.search).get("run");
  if (id) follow(id);
  allow();
})();
