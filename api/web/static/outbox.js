"use strict";

// Reports that wait in this browser until the server has them. The page and the service worker both use it.
//
//   const outbox = self.wallwatchOutbox;
//   await outbox.add({key, account, made_at, photos: [{blob, name}], fields}, {draft, instead});
//                                          kept before anything is sent, in place of its draft and of a refused report
//   await outbox.all(), outbox.change(key, changes), outbox.remove(key);
//   await outbox.flush(post, language)      sends what waits; answers {offline, signIn, account, sent: [{report, receipt}]}
//   await outbox.keep(name, value), outbox.kept(name), outbox.forget(name);      small things beside the reports
//   outbox.onchange = () => …                              something was added, changed or sent, here or elsewhere
//   outbox.onsent = ({report, receipt}) => …               another page or the service worker sent it
//
// A report: state "waiting" or "refused", said: why, age: set at its first try. It is removed only when the server has
// said that it keeps it; its key makes sending it again the same as sending it once.

(() => {
  const NAME = "wallwatch-outbox";
  const OLD_MS = 120_000;
  const HEAD_BYTES = 256 * 1024;
  const AGAIN = new Set([0, 408, 425, 429]);
  const channel = "BroadcastChannel" in self ? new BroadcastChannel(NAME) : null;
  const outbox = { onchange: () => undefined, onsent: () => undefined };

  let opening;
  function open() {
    opening ??= new Promise((done, failed) => {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("reports", { keyPath: "key" });
        asked.result.createObjectStore("kept");
      };
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
    opening.catch(() => { opening = undefined; });
    return opening;
  }

  /** What the work asks for, once its transaction has ended well. */
  async function within(store, mode, work) {
    const base = await open();
    return new Promise((done, failed) => {
      const transaction = base.transaction(store, mode, { durability: "strict" });
      const asked = work(transaction.objectStore(store));
      transaction.oncomplete = () => done(asked.result);
      transaction.onabort = () => failed(transaction.error);
      transaction.onerror = () => failed(transaction.error);
    });
  }

  function changed() {
    channel?.postMessage({});
    outbox.onchange();
  }
  if (channel) {
    channel.onmessage = ({ data }) => {
      if (data.sent) outbox.onsent(data.sent);
      else outbox.onchange();
    };
  }

  outbox.add = async (report, { draft, instead } = {}) => {
    const base = await open();
    await new Promise((kept, failed) => {
      // All or nothing: a draft that stayed beside its report would be sent a second time.
      const transaction = base.transaction(["reports", "kept"], "readwrite", { durability: "strict" });
      transaction.objectStore("reports").put({ state: "waiting", said: "", ...report });
      if (instead) transaction.objectStore("reports").delete(instead);
      if (draft) transaction.objectStore("kept").delete(draft);
      transaction.oncomplete = kept;
      transaction.onabort = transaction.onerror = () => failed(transaction.error);
    });
    changed();
  };
  outbox.all = async () => {
    const reports = await within("reports", "readonly", (store) => store.getAll());
    return reports.sort((one, other) => one.made_at - other.made_at || (one.key < other.key ? -1 : 1));
  };
  outbox.change = async (key, changes) => {
    const report = await within("reports", "readonly", (store) => store.get(key));
    if (!report) return undefined;
    Object.assign(report, changes);
    await within("reports", "readwrite", (store) => store.put(report));
    changed();
    return report;
  };
  outbox.remove = async (key) => {
    await within("reports", "readwrite", (store) => store.delete(key));
    changed();
  };
  outbox.keep = (name, value) => within("kept", "readwrite", (store) => store.put(value, name));
  outbox.kept = (name) => within("kept", "readonly", (store) => store.get(name));
  outbox.forget = (name) => within("kept", "readwrite", (store) => store.delete(name));

  /** Whether a photo seems to say itself when it was taken. */
  async function tells(photo) {
    const head = new Uint8Array(await photo.blob.slice(0, HEAD_BYTES).arrayBuffer());
    return new TextDecoder("latin1").decode(head).includes("Exif");
  }

  /** A report that waited says when it was made, by the server's clock: a phone's own may be wrong. */
  async function dated(report, serverNow) {
    if (report.tried) return report;
    const age = Date.now() - report.made_at;
    const fields = { ...report.fields };
    const silent = !(await Promise.all(report.photos.map(tells))).some(Boolean);
    if (age > OLD_MS && silent && !Number.isNaN(serverNow)) fields.seen_at = new Date(serverNow - age).toISOString();
    return outbox.change(report.key, { tried: true, fields });
  }

  function formOf(report) {
    const form = new FormData();
    for (const [name, value] of Object.entries(report.fields)) form.append(name, value);
    for (const photo of report.photos) form.append("photo", photo.blob, photo.name || "photo.jpg");
    return form;
  }

  /** Who is signed in: {status, me, now}. */
  async function session() {
    try {
      const answer = await fetch("/v1/session", { headers: { Accept: "application/json" }, cache: "no-store" });
      return { status: answer.status, me: answer.ok ? await answer.json() : null, now: Date.parse(answer.headers.get("Date")) };
    } catch {
      return { status: 0, me: null, now: NaN };
    }
  }
  outbox.session = session;

  async function work(post, language) {
    const told = { offline: false, signIn: false, account: null, sent: [] };
    if (!(await outbox.all()).length) return told;
    const { status, me, now } = await session();
    told.signIn = status === 401;
    told.offline = status === 0;
    told.account = me?.name ?? null;
    const tried = new Set();
    while (me) {
      const next = (await outbox.all()).find((each) => each.account === me.name && each.state === "waiting" && !tried.has(each.key));
      if (!next) break;
      tried.add(next.key);
      const report = await dated(next, now);
      if (!report) continue;
      const headers = { "X-CSRF-Token": me.csrf_token ?? "", "Idempotency-Key": report.key, "Accept": "application/json", "Accept-Language": language };
      const answer = await post("/v1/reports", headers, formOf(report), report);
      if (answer.status === 201 && answer.data?.id) {
        told.sent.push({ report, receipt: answer.data });
        await outbox.remove(report.key);
        const { account, made_at: madeAt, photos } = report;
        channel?.postMessage({ sent: { report: { account, made_at: madeAt, photos: photos.map(() => null) }, receipt: answer.data } });
      } else if (answer.status === 401) {
        told.signIn = true;
        break;
      } else if (AGAIN.has(answer.status) || answer.status >= 500 || answer.status < 400 || answer.data?.code === "token_missing") {
        told.offline = answer.status === 0;
        await outbox.change(report.key, { said: answer.data?.detail ?? "" });
        break;
      } else {
        await outbox.change(report.key, { state: "refused", said: answer.data?.detail ?? String(answer.status) });
      }
    }
    return told;
  }

  /** One sender at a time, of all pages and the service worker. */
  outbox.flush = (post, language) =>
    self.navigator.locks ? navigator.locks.request(NAME, () => work(post, language)) : work(post, language);

  self.wallwatchOutbox = outbox;
})();
