"use strict";

// The officer's screen: photos, a place, a note. Everything is kept in the browser as it is entered, and sent from there.
document.addEventListener("DOMContentLoaded", async () => {
  const RETRY_MS = 30_000;
  const MIB = 2 ** 20;
  const outbox = window.wallwatchOutbox;
  const filled = window.wallwatch.fill;
  const form = document.getElementById("send");
  const words = JSON.parse(form.dataset.words);
  const language = document.documentElement.lang;
  const note = document.getElementById("note");
  const alert = form.querySelector("[role=alert]");
  const previews = document.getElementById("photos");
  const section = document.getElementById("outbox");
  const list = section.querySelector("ol");
  const most = Number(form.dataset.most);
  const largest = Number(form.dataset.bytes);
  // Browsers that know no Kazakh months write numbers instead, in the order that is usual there.
  const locale = { en: "en-GB", kk: "ru" }[language] ?? language;
  const month = language === "kk" ? "2-digit" : "long";
  const day = new Intl.DateTimeFormat(locale, { day: "numeric", month, year: "numeric" });
  const minute = new Intl.DateTimeFormat(locale, { day: "numeric", month, hour: "2-digit", minute: "2-digit" });
  const progress = new Map();
  const done = [];
  let who = form.dataset.who;
  let photos = [];
  let mending = null;
  let retrying;

  const place = window.wallwatchPlace.on(document.getElementById("place"), { check, changed: keepDraft });

  /** What a place would be understood as; the token of whoever is signed in now, this page may be older. */
  async function check(text) {
    const { status, me } = await outbox.session();
    if (!me) return { ok: false, status, data: null };
    const headers = { "X-CSRF-Token": me.csrf_token, "Content-Type": "application/json", "Accept-Language": language };
    try {
      const answer = await fetch("/v1/reports/place", { method: "POST", headers, body: JSON.stringify({ place: text }) });
      return { ok: answer.ok, status: answer.status, data: await answer.json() };
    } catch {
      return { ok: false, status: 0, data: null };
    }
  }

  // ---- What is being put together -------------------------------------------------------------------------------
  function keepDraft() {
    if (!who) return;
    outbox.keep(`draft:${who}`, { photos, place: place.state(), note: note.value, mending }).catch(() => say(words.unkept));
  }

  function say(text) {
    alert.textContent = text;
  }

  function newKey() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function showPhotos() {
    previews.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
    previews.replaceChildren(...photos.map((photo, at) => {
      const item = document.createElement("li");
      const image = document.createElement("img");
      image.src = URL.createObjectURL(photo.blob);
      image.alt = filled(words.photo, { number: at + 1 });
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "×";
      button.setAttribute("aria-label", filled(words.remove, { number: at + 1 }));
      button.addEventListener("click", () => {
        photos = photos.filter((each) => each !== photo);
        showPhotos();
        keepDraft();
        (previews.querySelector("button") ?? document.getElementById("gallery")).focus();
      });
      item.append(image, button);
      return item;
    }));
  }

  async function take(input, way) {
    say("");
    for (const file of [...input.files]) {
      if (photos.length >= most) {
        say(filled(words.most, { most }));
        break;
      }
      if (file.size > largest) {
        say(filled(words.large, { name: file.name, mib: Math.floor(largest / MIB) }));
        continue;
      }
      // A copy of the bytes: the file on the phone may be gone by the time there is a network.
      photos.push({ blob: new Blob([await file.arrayBuffer()], { type: file.type }), name: file.name });
    }
    input.value = "";
    showPhotos();
    place.prefer(way);
    keepDraft();
  }
  for (const [id, way] of [["camera", "phone"], ["gallery", "photo"]]) {
    document.getElementById(id).addEventListener("change", (event) => take(event.target, way));
  }
  note.addEventListener("input", keepDraft);

  async function submit() {
    const fields = place.fields();
    say("");
    if (!who) return say(words.anybody);
    if (!photos.length) return say(words.none);
    if (!fields) return say(words.placeless);
    if (note.value.trim()) fields.note = note.value.trim();
    try {
      const report = { key: newKey(), account: who, made_at: Date.now(), photos, fields, place: place.state() };
      await outbox.add(report, { draft: `draft:${who}`, instead: mending });
    } catch {
      return say(words.unkept);
    }
    clear();
    navigator.storage?.persist?.().catch(() => undefined);
    navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("outbox")).catch(() => undefined);
    await flush();
    section.scrollIntoView({ block: "nearest" });
    return undefined;
  }

  function clear() {
    photos = [];
    mending = null;
    note.value = "";
    place.restore({ way: "", byHand: false, phone: null, text: "", point: null });
    showPhotos();
  }

  function restore(draft) {
    photos = draft.photos;
    mending = draft.mending ?? null;
    note.value = draft.note;
    place.restore(draft.place);
    showPhotos();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });

  // ---- Sending --------------------------------------------------------------------------------------------------
  function post(url, headers, body, report) {
    return new Promise((answered) => {
      const asking = new XMLHttpRequest();
      asking.open("POST", url);
      Object.entries(headers).forEach(([name, value]) => asking.setRequestHeader(name, value));
      asking.upload.onprogress = ({ loaded, total }) => {
        progress.set(report.key, total ? loaded / total : 0);
        showProgress(report);
      };
      asking.onload = () => {
        let data = null;
        try { data = JSON.parse(asking.responseText); } catch { /* no JSON: the status says enough */ }
        answered({ status: asking.status, data });
      };
      asking.onerror = asking.onabort = asking.ontimeout = () => answered({ status: 0, data: null });
      progress.set(report.key, 0);
      show();
      asking.send(body);
    });
  }

  async function flush() {
    clearTimeout(retrying);
    const told = await outbox.flush(post, language).catch(() => ({ offline: true, signIn: false, sent: [] }));
    progress.clear();
    document.getElementById("offline").hidden = !told.offline && navigator.onLine;
    document.getElementById("sign-in").hidden = !told.signIn;
    for (const { report, receipt } of told.sent) done.unshift({ report, receipt, said: await before(receipt) });
    await show();
    const waits = (await outbox.all()).some((each) => each.account === who && each.state === "waiting");
    if (waits && !told.signIn) retrying = setTimeout(flush, RETRY_MS);
  }

  /** Which of a report's photos had been sent before, in words. */
  async function before(receipt) {
    try {
      const answer = await fetch(`/v1/reports/${receipt.id}`, { headers: { Accept: "application/json" } });
      const report = await answer.json();
      return report.photos.flatMap((photo, at) => (photo.before
        ? [filled(photo.before.by_you ? words.yours : words.theirs, { number: at + 1, day: day.format(new Date(photo.before.at)) })]
        : []));
    } catch {
      return [];
    }
  }

  // ---- What waits and what was sent -----------------------------------------------------------------------------
  function part(tag, text = "", className = "") {
    const made = document.createElement(tag);
    made.textContent = text;
    made.className = className;
    return made;
  }

  function button(text, chosen, className = "") {
    const made = part("button", text, className);
    made.type = "button";
    made.addEventListener("click", chosen);
    return made;
  }

  function headOf(report, word, kind) {
    const head = part("p", "", "row");
    head.append(part("span", `${minute.format(report.made_at)} · ${filled(words.photos, { count: report.photos.length })}`), part("span", word, `tag ${kind}`));
    return head;
  }

  function waitingItem(report) {
    const item = document.createElement("li");
    item.dataset.key = report.key;
    const isSending = progress.has(report.key);
    const word = isSending ? words.sending : words[report.state];
    item.append(headOf(report, word, report.state === "refused" ? "bad" : "warn"));
    if (report.said) item.append(part("p", report.said, `said ${report.state === "refused" ? "bad" : "warn"}`));
    if (isSending) {
      const bars = part("div", "", "bars");
      report.photos.forEach((_photo, at) => {
        const bar = document.createElement("progress");
        bar.max = 1;
        bar.value = 0;
        bar.setAttribute("aria-label", filled(words.photo, { number: at + 1 }));
        bars.append(part("span", filled(words.photo, { number: at + 1 })), bar);
      });
      item.append(bars);
      return item;
    }
    const tools = part("p", "", "row");
    if (report.state === "refused") tools.append(button(words.mend, () => mend(report), "main"));
    else tools.append(button(words.now, flush));
    tools.append(button(words.drop, () => { if (window.confirm(words.drop_ask)) outbox.remove(report.key); }, "danger"));
    item.append(tools);
    return item;
  }

  function mend(report) {
    restore({ photos: report.photos, place: report.place, note: report.fields.note ?? "", mending: report.key });
    say(report.said);
    keepDraft();
    form.scrollIntoView();
    document.querySelector(`#place input[value="${report.place.way}"]`)?.focus();
  }

  function doneItem({ report, receipt, said }) {
    const item = document.createElement("li");
    item.append(headOf(report, words.sent, "good"), ...said.map((text) => part("p", text, "said")));
    const link = part("a", words.result, "button main");
    link.href = `/reports/${receipt.id}`;
    item.append(link);
    return item;
  }

  /** Photos go one after the other, so that each one's share is what is left of the bytes after those before it. */
  function showProgress(report) {
    const sizes = report.photos.map((photo) => photo.blob.size);
    const sent = progress.get(report.key) * sizes.reduce((sum, size) => sum + size, 0);
    const bars = list.querySelectorAll(`[data-key="${report.key}"] progress`);
    let begun = 0;
    sizes.forEach((size, at) => {
      if (bars[at]) bars[at].value = Math.min(1, Math.max(0, (sent - begun) / size));
      begun += size;
    });
  }

  async function show() {
    const reports = await outbox.all().catch(() => []);
    const own = reports.filter((each) => each.account === who);
    const focused = list.contains(document.activeElement) ? document.activeElement.closest("li")?.dataset.key : null;
    list.replaceChildren(...own.map(waitingItem), ...done.map(doneItem));
    if (focused) list.querySelector(`[data-key="${focused}"] button`)?.focus();
    section.hidden = !list.children.length;
    const counts = new Map();
    reports.filter((each) => each.account !== who).forEach((each) => counts.set(each.account, (counts.get(each.account) ?? 0) + 1));
    const others = document.getElementById("others");
    others.hidden = !counts.size;
    others.textContent = [...counts].map(([name, count]) => filled(words.others, { name, count })).join(" ");
  }

  // ---- From here on ---------------------------------------------------------------------------------------------
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/sw.js").catch(() => undefined);
    if (who) navigator.serviceWorker.ready.then((worker) => worker.active.postMessage("shell"));
  }
  if (who) await outbox.keep("who", who).catch(() => say(words.unkept));
  else who = (await outbox.kept("who").catch(() => "")) ?? "";
  const draft = who ? await outbox.kept(`draft:${who}`).catch(() => undefined) : undefined;
  if (draft && !photos.length) restore(draft);
  outbox.onchange = show;
  outbox.onsent = async ({ report, receipt }) => {
    if (report.account !== who) return;
    done.unshift({ report, receipt, said: await before(receipt) });
    show();
  };
  window.addEventListener("online", flush);
  window.addEventListener("offline", () => { document.getElementById("offline").hidden = false; });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
  await flush();
  form.dataset.ready = "";
});
