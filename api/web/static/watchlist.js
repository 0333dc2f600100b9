"use strict";

// The table: rows by keyboard, selection, the columns' cookie, and what is done with the selected addresses.
// Everything listens on the document: going back exchanges the page's body.

(() => {
  const { api, tell } = window.wallwatch;
  const boxes = () => [...document.querySelectorAll("#list [name=pick]")];
  const picked = () => boxes().filter((box) => box.checked);
  const rowOf = (element) => element.closest("#list tbody tr");
  let last = null;
  let kept = new Set();

  /** Show what is selected: the bar, the rows, the box of the heading. */
  function show() {
    const all = boxes();
    const some = picked();
    all.forEach((box) => rowOf(box).classList.toggle("picked", box.checked));
    const head = document.getElementById("all");
    if (head) {
      head.checked = all.length > 0 && some.length === all.length;
      head.indeterminate = some.length > 0 && some.length < all.length;
    }
    document.getElementById("picked").hidden = some.length === 0;
    document.getElementById("count").textContent = String(some.length);
    kept = new Set(some.map((box) => box.value));
  }

  function pick(box, isRange) {
    const all = boxes();
    if (isRange && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((one, other) => one - other);
      all.slice(from, to + 1).forEach((each) => { each.checked = box.checked; });
    }
    last = box;
    show();
  }

  const refresh = () => window.htmx.trigger("#filters", "submit");

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (target.matches("#list [name=pick]")) pick(target, event.shiftKey);
    if (target.id === "all") {
      boxes().forEach((box) => { box.checked = target.checked; });
      show();
    }
    const button = target.closest("button");
    if (!button) return;
    if (button.id === "unpick") {
      boxes().forEach((box) => { box.checked = false; });
      show();
      document.querySelector("#list tbody tr")?.focus();
    }
    if (button.id === "letter") location.assign(`/requests/new?address=${picked().map((box) => box.value).join(",")}`);
    if ("menu" in button.dataset) openMenu(button);
    if (button.dataset.export) openExport(button.dataset.export);
  });

  function openMenu(button) {
    const menu = document.getElementById("menu");
    const row = rowOf(button);
    for (const each of menu.querySelectorAll("[data-fill]")) {
      if (each.dataset.fill === "watch") each.dataset.url = `/v1/watches/${row.dataset.id}`;
      else each.dataset.copy = row.dataset[each.dataset.fill];
    }
    const place = button.getBoundingClientRect();
    menu.showPopover();
    menu.style.top = `${Math.min(place.bottom, innerHeight - menu.offsetHeight - 8)}px`;
    menu.style.left = `${Math.max(8, place.right - menu.offsetWidth)}px`;
    menu.querySelector("button").focus();
    menu.addEventListener("toggle", () => button.focus(), { once: true });
    menu.addEventListener("click", () => menu.hidePopover(), { once: true });
  }

  function openExport(what) {
    const dialog = document.getElementById("exporting");
    const form = document.getElementById("export");
    form.querySelector("[name=ids]")?.remove();
    if (what === "picked") {
      const ids = document.createElement("input");
      Object.assign(ids, { type: "hidden", name: "ids", value: picked().map((box) => box.value).join(",") });
      form.append(ids);
    }
    // The list's own `ids` would stand beside those of the selection.
    document.querySelectorAll("#list [name=ids][form=export]").forEach((each) => { each.disabled = what === "picked"; });
    dialog.querySelectorAll("[data-for]").forEach((each) => { each.hidden = each.dataset.for !== what; });
    dialog.showModal();
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.id === "export") form.closest("dialog").close();
    if (!form.dataset.bulk) return;
    event.preventDefault();
    const said = form.querySelector("[role=alert]");
    said.textContent = "";
    const answer = await send(form);
    if (!answer.ok) {
      said.textContent = answer.data?.detail ?? "";
      if (answer.status === 409) refresh();
      return;
    }
    const changed = answer.data.changed;
    tell(changed === undefined ? form.dataset.done : `${form.dataset.done} ${changed}`);
    form.closest("dialog").close();
    form.reset();
    refresh();
  });

  function send(form) {
    const rows = picked().map((box) => rowOf(box).dataset);
    const list = (name) => form.elements[name].value.split(",").map((tag) => tag.trim()).filter(Boolean);
    if (form.dataset.bulk === "case") {
      return api("POST", `/v1/cases/${form.elements.case.value}/addresses`, { addresses: rows.map((row) => row.id) });
    }
    const isTags = form.dataset.bulk === "tags";
    // Tags go beside those of others; an assignee takes the place of another, so the versions that were seen go along.
    const addresses = rows.map((row) => (isTags ? { id: row.id } : { id: row.id, version: Number(row.version) }));
    const change = isTags
      ? { add_tags: list("add_tags"), remove_tags: list("remove_tags") }
      : { assignee: form.elements.assignee.value || null };
    return api("POST", "/v1/watchlist/bulk", { addresses, ...change });
  }

  document.addEventListener("change", (event) => {
    if (!event.target.dataset.column) return;
    const names = [...document.querySelectorAll("[data-column]")].filter((box) => box.checked).map((box) => box.dataset.column);
    document.cookie = `wallwatch_columns=${names.join(".")}; path=/; max-age=31536000; samesite=lax`;
    refresh();
  });

  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("#list tbody tr");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = [...row.parentElement.children];
    const places = { ArrowDown: rows.indexOf(row) + 1, ArrowUp: rows.indexOf(row) - 1, Home: 0, End: rows.length - 1 };
    if (event.key in places) {
      const next = rows[Math.max(0, Math.min(rows.length - 1, places[event.key]))];
      rows.forEach((each) => { each.tabIndex = each === next ? 0 : -1; });
      next.focus();
      event.preventDefault();
    } else if (event.target === row && event.key === "Enter") {
      location.assign(row.querySelector("a").href);
    } else if (event.target === row && event.key === " ") {
      const box = row.querySelector("[name=pick]");
      box.checked = !box.checked;
      pick(box, event.shiftKey);
      event.preventDefault();
    }
  });

  // A list that came anew keeps what is still there selected.
  document.addEventListener("htmx:afterSwap", () => {
    if (!document.getElementById("list")) return;
    const before = kept;
    boxes().forEach((box) => { box.checked = before.has(box.value); });
    last = null;
    show();
  });
})();
