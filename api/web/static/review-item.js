"use strict";

// What a finding of the review queue is, and how its parts are shown. Values are text: they never become markup or links.

(() => {
  const { fill } = window.wallwatch;

  function make(tag, text = "", className = "") {
    const element = document.createElement(tag);
    if (text !== "") element.textContent = text;
    if (className) element.className = className;
    return element;
  }

  const percent = (share) => new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format(share);

  // In figures alone: browsers know no Kazakh months, and days here are written as in Russian.
  const clock = new Intl.DateTimeFormat(document.documentElement.lang === "en" ? "en-GB" : "ru", {
    day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit",
    timeZone: document.getElementById("review").dataset.zone,
  });
  const day = (moment) => clock.format(new Date(moment));

  /** What the finding is taken for: by all photos of the wall together where there are several. */
  const meant = (item) => item.fused ?? item;

  /** The uncertain characters by place: [{char, probability}] each. Without a lattice, what alternatives of one length say. */
  function doubts(item) {
    const of = meant(item);
    const found = new Map();
    for (const each of of.uncertain) found.set(each.position, each.rivals.slice());
    if (found.size) return found;
    const chars = [...of.value];
    for (const other of of.alternatives) {
      const its = [...other.value];
      const differ = its.length === chars.length ? chars.flatMap((char, place) => (its[place] === char ? [] : [place])) : [];
      if (!differ.length || differ.length > 3) continue;
      for (const place of differ) {
        const rivals = found.get(place) ?? [];
        if (!rivals.some((rival) => rival.char === its[place])) rivals.push({ char: its[place], probability: other.confidence ?? 0 });
        found.set(place, rivals);
      }
    }
    return found;
  }

  /**
   * Other values in the order of the number keys: {kind, value, confidence, number, known, why, by}. First what people at
   * the wall suggested, then the API's alternatives in its order, then what photos say alone and together.
   */
  function others(item) {
    const found = new Map();
    const own = `${meant(item).kind} ${meant(item).value}`;
    const add = (kind, value, more) => {
      const name = `${kind} ${value}`;
      if (typeof value !== "string" || value === "" || name === own) return;
      const known = found.get(name) ?? { kind, value, confidence: null, number: null, known: null, why: "", by: "" };
      for (const [field, fact] of Object.entries(more)) known[field] = known[field] || (fact ?? known[field]);
      found.set(name, known);
    };
    for (const each of Array.isArray(item.suggestions) ? item.suggestions : []) {
      add(each.kind ?? item.kind, each.value, { why: "suggested", by: typeof each.by === "string" ? each.by : "" });
    }
    for (const each of item.alternatives) {
      add(item.kind, each.value, { confidence: each.confidence, number: each.number, known: each.known, why: each.number === null ? "nearby" : "" });
    }
    if (item.fused && item.kind !== "unread") add(item.kind, item.value, { confidence: item.confidence, why: "alone" });
    for (const each of item.fused?.alternatives ?? []) {
      add(item.fused.kind, each.value, { confidence: each.confidence, number: each.alternative, why: "together" });
    }
    return [...found.values()];
  }

  /** What to ask of the API so that the finding becomes this value: {verb, body}. */
  function asking(item, kind, value) {
    if (kind === item.kind && value === item.value) return { verb: "confirm", body: {} };
    const own = item.alternatives.find((each) => each.value === value && Number.isInteger(each.number));
    if (kind === item.kind && own) return { verb: "correct", body: { alternative: own.number } };
    return { verb: "correct", body: { kind, value } };
  }

  function sure(confidence, words) {
    const said = confidence >= 0.95 ? words.almost : confidence >= 0.8 ? words.likely : confidence >= 0.5 ? words.unsure : words.doubtful;
    return `${said} (${percent(confidence)})`;
  }

  /** A button for one of the others; `press` decides. */
  function otherRow(other, place, { words, kinds, statuses, item }, press) {
    const row = make("li");
    const button = make("button");
    button.type = "button";
    if (place < 9) {
      const key = make("kbd", String(place + 1));
      key.setAttribute("aria-hidden", "true");
      button.append(key);
    }
    button.append(make("span", other.value, "value"));
    if (other.kind !== item.kind) button.append(make("span", kinds[other.kind] ?? other.kind, "tag"));
    if (other.confidence !== null) button.append(make("span", percent(other.confidence), "hint"));
    if (other.known) {
      const status = statuses[other.known.reason] ?? other.known.reason;
      button.append(make("span", `${words.known}: ${status}, ${words.photos}: ${other.known.photos}`, "tag warn"));
    }
    if (other.why) button.append(make("span", other.by ? `${words[other.why]}: ${other.by}` : words[other.why], other.by ? "tag good" : "hint"));
    button.addEventListener("click", press);
    row.append(button);
    return row;
  }

  /** Put a fact in its place, or hide the place where there is none. */
  function fact(root, name, parts) {
    root.querySelectorAll(`.if-${name}`).forEach((element) => { element.hidden = !parts.length; });
    root.querySelector(`#${name}`).replaceChildren(...parts);
  }

  function facts(root, item, { words }) {
    root.querySelector("#text").textContent = item.text;
    root.querySelector("#when").textContent = day(item.created_at);
    const said = root.querySelector("#fused").dataset.said;
    fact(root, "fused", item.fused ? [fill(said, { seen: item.fused.seen_in.length, same: item.fused.supported_by.length })] : []);
    const around = item.context?.words ?? [];
    fact(root, "context", around.length ? [
      make("span", `${fill(words.context, { share: percent(item.context.score) })} `),
      ...around.flatMap((word) => [make("span", word.text, `tag ${word.weight > 0 ? "bad" : "good"}`), " "]),
    ] : []);
    const warnings = item.warnings.map((each) => make("li", `${each.meaning} (${each.entry})`, `said${each.is_lowering ? " warn" : ""}`));
    if (item.is_lowered && !item.warnings.some((each) => each.is_lowering)) warnings.unshift(make("li", words.lowered, "said warn"));
    root.querySelector("#warnings").replaceChildren(...warnings);
    for (const name of ["known", "neighbours", "lines"]) fact(root, name, []);
  }

  /** What the watchlist and the photo's reading say, when they have come. */
  function surroundings(root, item, { address, reading }, { words, kinds, statuses }) {
    fact(root, "known", address ? [
      make("span", statuses[address.status] ?? address.status, `tag ${address.status}`),
      ` ${words.sightings}: ${address.sightings}, ${words.since}: ${day(address.first_seen_at)} `,
      ...[make("a", "→")].map((link) => {
        link.href = `/watchlist/${encodeURIComponent(address.id)}`;
        link.setAttribute("aria-label", words.known);
        return link;
      }),
    ] : []);
    const beside = (reading?.findings ?? []).filter((each) => each.id !== item.id).slice(0, 8);
    fact(root, "neighbours", beside.map((each) => {
      const line = make("div");
      line.append(make("span", each.decided_value ?? each.value, "value"), " ", make("span", kinds[each.decided_kind ?? each.kind] ?? each.kind, "tag"));
      return line;
    }));
    fact(root, "lines", (reading?.lines ?? []).slice(0, 12).map((line) => make("div", line.text, "value")));
  }

  window.wallwatchFinding = { fill, make, percent, meant, doubts, others, asking, sure, otherRow, facts, surroundings };
})();
