"use strict";

// The review queue. The next findings and their pictures are loaded before they are needed; a decision is sent while the
// next finding is shown already, and what the API refuses comes back. Decisions go one after another, in order.

(() => {
  const { api, tell } = window.wallwatch;
  const { picture, surroundingsOf, ahead } = window.wallwatchAhead;
  const { fill, make, meant, doubts, others, asking, sure, otherRow, facts, surroundings } = window.wallwatchFinding;
  const AT_ONCE = 20;
  const FEW = 8;
  const REMEMBERED = 200;
  const root = document.getElementById("review");
  const part = (id) => document.getElementById(id);
  const said = { words: JSON.parse(root.dataset.words), kinds: JSON.parse(root.dataset.kinds), statuses: JSON.parse(root.dataset.statuses) };
  const { words } = said;
  const zoom = window.wallwatchZoom.make(part("picture"));
  const forms = { correction: part("correction"), rejection: part("rejection") };

  let queue = [];
  let cursor = null;
  let isMore = true;
  let loading = null;
  let sending = Promise.resolve();
  let waiting = 0;
  let count = 0;
  let draft = [];
  let isWhole = false;
  const past = [];
  const seen = new Set();

  const typing = () => Object.values(forms).some((form) => !form.hidden);
  const name = (item) => `«${meant(item).value}»`;

  // ---- loading ----

  async function load() {
    if (loading || !isMore) return loading;
    loading = (async () => {
      const asked = new URLSearchParams({ limit: String(AT_ONCE), on_list: root.dataset.onList });
      if (cursor) asked.set("cursor", cursor);
      const answer = await api("GET", `/v1/review?${asked}`);
      if (!answer.ok) {
        part("trouble").textContent = answer.data?.detail ?? "";
        isMore = false;
        return;
      }
      for (const item of answer.data.findings) {
        if (!seen.has(item.id)) queue.push(item);
        seen.add(item.id);
      }
      cursor = answer.data.next;
      isMore = cursor !== null;
    })();
    await loading;
    loading = null;
    return undefined;
  }

  async function fillUp() {
    while (queue.length < FEW && isMore) await load();
  }

  // ---- showing ----

  async function show() {
    Object.values(forms).forEach((form) => { form.hidden = true; });
    part("doing").hidden = false;
    isWhole = false;
    if (!queue.length) await fillUp();
    const item = queue[0];
    part("loading").hidden = true;
    part("desk").hidden = !item;
    part("empty").hidden = Boolean(item);
    part("undo").disabled = !past.length;
    part("count").textContent = count ? fill(words.count, { count }) : "";
    if (!item) return part("empty").focus();
    if (document.activeElement === document.body || !root.contains(document.activeElement) || !document.activeElement.offsetParent) {
      part("reading").focus({ preventScroll: true });
    }
    draft = [...meant(item).value];
    const of = meant(item);
    part("kind").textContent = said.kinds[of.kind] ?? of.kind;
    part("sure").textContent = sure(of.confidence, words);
    part("standing").textContent = words[item.standing];
    part("standing").className = `tag ${item.standing === "settled" ? "good" : "new"}`;
    part("heard").textContent = `${of.value}. ${said.kinds[of.kind] ?? of.kind}. ${part("sure").textContent}`;
    part("copy").dataset.copy = of.value;
    part("copy-defanged").dataset.copy = item.defanged ?? "";
    part("copy-defanged").hidden = !item.defanged;
    spell(item);
    const found = others(item);
    part("others").replaceChildren(...found.map((other, place) => otherRow(other, place, { ...said, item }, () => take(other))));
    part("no-others").hidden = found.length > 0;
    facts(root, item, said);
    showPicture(item);
    surroundingsOf(item).then((known) => { if (queue[0] === item) surroundings(root, item, known, said); });
    ahead(queue);
    fillUp().then(() => ahead(queue));
    return undefined;
  }

  async function showPicture(item) {
    part("whole").setAttribute("aria-pressed", String(isWhole));
    if (!isWhole) {
      const { image, done } = picture(item);
      const isThere = await done;
      if (queue[0] !== item || isWhole) return;
      if (isThere) zoom.show(image);
      else zoom.say(words.picture);
      return;
    }
    const { photo } = await surroundingsOf(item);
    const image = new Image();
    image.alt = "";
    image.src = item.links.photo;
    const isThere = await image.decode().then(() => true, () => false);
    if (queue[0] !== item || !isWhole) return;
    if (!isThere) zoom.say(words.picture);
    else zoom.show(image, photo?.width ? item.box.map(([x, y]) => [x / photo.width, y / photo.height]) : undefined);
  }

  /** The value with its uncertain characters, each a button that exchanges it. */
  function spell(item, focused) {
    const uncertain = doubts(item);
    const before = [...meant(item).value];
    part("reading").replaceChildren(...before.map((char, place) => {
      if (!uncertain.has(place)) return document.createTextNode(char);
      const button = make("button", "", draft[place] === char ? "char" : "char changed");
      button.type = "button";
      button.dataset.place = place;
      button.append(make("mark", draft[place] === "" ? "∅" : draft[place]));
      button.setAttribute("aria-label", fill(words.exchange, { place: place + 1, char: draft[place] || words.nothing }));
      button.addEventListener("click", () => offer(item, place));
      button.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        event.stopPropagation();
        const chars = [char, ...uncertain.get(place).map((rival) => rival.char)];
        const step = event.key === "ArrowDown" ? 1 : chars.length - 1;
        exchange(item, place, chars[(chars.indexOf(draft[place]) + step) % chars.length]);
      });
      return button;
    }));
    part("rivals").hidden = true;
    if (focused !== undefined) part("reading").querySelector(`[data-place="${focused}"]`)?.focus();
    const isSame = draft.every((char, place) => char === before[place]);
    part("confirm").firstElementChild.textContent = isSame ? words.confirm : fill(words.confirmAs, { value: draft.join("") });
  }

  function offer(item, place) {
    const char = [...meant(item).value][place];
    const rivals = [{ char, probability: null }, ...doubts(item).get(place)];
    part("rivals").replaceChildren(...rivals.map((rival) => {
      const button = make("button", rival.char === "" ? words.nothing : rival.char);
      button.type = "button";
      if (rival.probability) button.append(make("span", window.wallwatchFinding.percent(rival.probability), "hint"));
      button.setAttribute("aria-pressed", String(rival.char === draft[place]));
      button.addEventListener("click", () => exchange(item, place, rival.char));
      return button;
    }));
    part("rivals").hidden = false;
    part("rivals").firstElementChild.focus();
  }

  function exchange(item, place, char) {
    draft[place] = char;
    spell(item, place);
  }

  // ---- deciding ----

  function confirm() {
    const item = queue[0];
    if (!item) return;
    const { kind } = meant(item);
    const value = draft.join("");
    if (kind === "unread") {
      open("correction");
      forms.correction.querySelector("[role=alert]").textContent = words.needed;
    } else decide(item, asking(item, kind, value), value);
  }

  const take = (other) => decide(queue[0], asking(queue[0], other.kind, other.value), other.value);

  /** Show the next one, and send the decision; what cannot be decided so comes back. */
  function decide(item, { verb, body }, value) {
    if (queue[0] !== item) return;
    queue.shift();
    const entry = { item, verb, version: null };
    entry.sent = enqueue(entry, body, value);
    remember(entry);
    count += 1;
    show();
  }

  function remember(entry) {
    past.push(entry);
    if (past.length > REMEMBERED) past.shift();
    part("trouble").textContent = "";
  }

  function enqueue(entry, body, value) {
    waiting += 1;
    sending = sending.then(() => send(entry, body, value)).finally(() => { waiting -= 1; });
    return sending;
  }

  async function send(entry, body, value) {
    const { item, verb } = entry;
    const answer = await api("POST", `/v1/findings/${item.id}/${verb}`, { version: item.version, ...body });
    const kind = { confirm: "confirmed", correct: "corrected", reject: "rejected" }[verb];
    if (answer.ok) {
      entry.version = answer.data.version;
      tell(fill(words[kind], { value: value === undefined ? name(item) : `«${value}»` }));
      return;
    }
    if (past.includes(entry)) past.splice(past.indexOf(entry), 1);
    count -= 1;
    if (answer.status === 409 || answer.status === 404) {
      part("trouble").textContent = fill(answer.status === 409 ? words.conflict : words.gone, { value: name(item) });
    } else if (typing()) {
      queue.splice(1, 0, item);
      part("trouble").textContent = fill(words.back, { value: name(item), why: answer.data?.detail ?? window.wallwatch.words.failed });
    } else {
      queue.unshift(item);
      await show();
      part("trouble").textContent = fill(words.back, { value: name(item), why: answer.data?.detail ?? window.wallwatch.words.failed });
    }
    part("undo").disabled = !past.length;
    part("count").textContent = count ? fill(words.count, { count }) : "";
  }

  function skip() {
    const item = queue.shift();
    if (!item) return;
    remember({ item, verb: "skip", version: null, sent: Promise.resolve() });
    tell(fill(words.skipped, { value: name(item) }));
    show();
  }

  async function undo() {
    const entry = past.pop();
    if (!entry) return tell(words.none, "warn");
    part("undo").disabled = true;
    await entry.sent;
    if (entry.verb === "skip") queue.unshift(entry.item);
    else if (entry.version !== null) {
      const answer = await api("POST", `/v1/findings/${entry.item.id}/undo`, { version: entry.version });
      if (!answer.ok) {
        part("undo").disabled = !past.length;
        part("trouble").textContent = answer.status === 409 ? fill(words.conflict, { value: name(entry.item) }) : answer.data?.detail ?? "";
        if (answer.status !== 409 && answer.status !== 404) past.push(entry);
        return undefined;
      }
      count -= 1;
      queue.unshift(answer.data);
    }
    tell(fill(words.undone, { value: name(entry.item) }));
    return show();
  }

  // ---- forms ----

  function open(which) {
    const item = queue[0];
    if (!item) return;
    Object.entries(forms).forEach(([each, form]) => { form.hidden = each !== which; });
    part("doing").hidden = true;
    forms.correction.querySelector("[role=alert]").textContent = "";
    if (which === "correction") {
      const { kind } = meant(item);
      part("value").value = draft.join("");
      part("as").value = kind === "unread" ? part("as").options[0].value : kind;
      part("painted").value = "";
      part("value").focus();
    } else {
      part("why").value = "";
      forms.rejection.querySelector("button").focus();
    }
    forms[which].scrollIntoView({ block: "nearest" });
  }

  function leave() {
    Object.values(forms).forEach((form) => { form.hidden = true; });
    part("doing").hidden = false;
    part("reading").focus({ preventScroll: true });
  }

  forms.correction.addEventListener("submit", async (event) => {
    event.preventDefault();
    const item = queue[0];
    const body = { kind: part("as").value, value: part("value").value.trim(), version: item.version };
    if (part("painted").value.trim()) body.painted = part("painted").value.trim();
    const button = forms.correction.querySelector("button.main");
    button.disabled = true;
    // Typed by hand: what the API makes of it is waited for, so that a slip can be mended where it stands.
    await sending;
    const answer = await api("POST", `/v1/findings/${item.id}/correct`, body);
    button.disabled = false;
    if (queue[0] !== item) return;
    if (!answer.ok && answer.status !== 409 && answer.status !== 404) {
      forms.correction.querySelector("[role=alert]").textContent = answer.data?.detail ?? window.wallwatch.words.failed;
      return;
    }
    queue.shift();
    if (answer.ok) {
      remember({ item, verb: "correct", version: answer.data.version, sent: Promise.resolve() });
      count += 1;
      tell(fill(words.corrected, { value: `«${answer.data.decided_value}»` }));
    }
    await show();
    if (!answer.ok) part("trouble").textContent = fill(answer.status === 409 ? words.conflict : words.gone, { value: name(item) });
  });

  const reject = (reason) => decide(queue[0], { verb: "reject", body: { reason } });
  forms.rejection.addEventListener("submit", (event) => {
    event.preventDefault();
    if (part("why").value.trim()) reject(part("why").value.trim());
  });
  forms.rejection.querySelectorAll("[data-reason]").forEach((button) => button.addEventListener("click", () => reject(button.dataset.reason)));
  root.querySelectorAll(".leave").forEach((button) => button.addEventListener("click", leave));

  // ---- buttons and keys ----

  function whole() {
    isWhole = !isWhole;
    if (queue[0]) showPicture(queue[0]);
  }

  function nextDoubt() {
    const found = [...part("reading").querySelectorAll("button.char")];
    found[(found.indexOf(document.activeElement) + 1) % found.length]?.focus();
  }

  const doing = {
    confirm, skip, undo, whole, closer: () => zoom.by(1.4), further: () => zoom.by(1 / 1.4), fit: () => zoom.fit(),
    correct: () => open("correction"), reject: () => open("rejection"),
  };
  for (const [id, press] of Object.entries(doing)) part(id).addEventListener("click", press);
  part("again").addEventListener("click", async () => {
    await sending;
    cursor = null;
    isMore = true;
    seen.clear();
    show();
  });

  // Letters by where they are on the keyboard, so that they do the same with a Russian or Kazakh layout.
  const BY_PLACE = { KeyE: doing.correct, KeyR: doing.reject, KeyS: skip, KeyU: undo, KeyW: whole, KeyX: nextDoubt };
  const BY_SIGN = {
    Enter: confirm, "+": doing.closer, "=": doing.closer, "-": doing.further, "0": doing.fit,
    ArrowLeft: () => zoom.pan(0.1, 0), ArrowRight: () => zoom.pan(-0.1, 0), ArrowUp: () => zoom.pan(0, 0.1), ArrowDown: () => zoom.pan(0, -0.1),
  };
  const keysOn = part("keys-on");
  keysOn.checked = localStorage.getItem("review-keys") !== "off";
  keysOn.addEventListener("change", () => localStorage.setItem("review-keys", keysOn.checked ? "on" : "off"));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && typing()) return leave();
    const on = event.target;
    if (on.closest("input, select, textarea, [contenteditable]")) return;
    if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) return part("keys").showModal();
    const isPressed = event.key === "Enter" && on.closest("button, a");
    if (!keysOn.checked || isPressed || event.repeat && !event.key.startsWith("Arrow")) return;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1] ?? (/^[1-9]$/.test(event.key) ? event.key : null);
    let press = event.shiftKey ? BY_SIGN[event.key] : BY_PLACE[event.code] ?? BY_SIGN[event.key];
    if (digit && !event.shiftKey) {
      const rows = forms.rejection.hidden ? part("others").querySelectorAll("button") : forms.rejection.querySelectorAll("[data-reason]");
      press = () => rows[Number(digit) - 1]?.click();
    } else if (typing()) return;
    if (!press || (part("desk").hidden && press !== undo)) return;
    event.preventDefault();
    press();
  });

  window.addEventListener("beforeunload", (event) => { if (waiting) event.preventDefault(); });

  show();
})();
