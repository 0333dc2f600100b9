"use strict";

// What all pages share. A page's forms and buttons say in attributes what they ask of the API:
//
//   <form data-api="POST" action="/v1/…">   sends its fields as JSON, or as they are with enctype="multipart/form-data"
//     data-then="reload"                     afterwards: reload (default), stay, go:/path, refresh:#part
//     data-ask="Really?"                     asks before it sends
//     data-done="Saved."                     says so afterwards
//   a field's data-as="number|boolean|list|lines|json|null"   how its text becomes JSON; null: empty text is null
//   an empty field is left out, unless it has data-as="null" or data-keep
//   <button data-api="DELETE" data-url="/v1/…">                the same without fields
//   <button data-copy="text">, <button data-open="#dialog">, <button data-close>
//
// window.wallwatch has what a page's own script needs:
//   api(method, url, body), tell(text, kind), words
//   fill("{count} walls", {count: 3})       puts values into a text of the catalogues; one that is not given is left out
//   numbers.format(1234.5)                  a number as the language writes it
//   await pause(ms)

(() => {
  const page = document.documentElement;
  const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
  const csrf = meta("csrf");
  const words = JSON.parse(meta("words") || "{}");

  /** Send a request to the API: {ok, status, data}. Never throws; without a network the status is 0. */
  async function api(method, url, body) {
    const headers = { "X-CSRF-Token": csrf, "Accept": "application/json", "Accept-Language": page.lang };
    const isForm = body instanceof FormData;
    if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
    let answer;
    try {
      answer = await fetch(url, { method, headers, body: isForm || body === undefined ? body : JSON.stringify(body) });
    } catch {
      return { ok: false, status: 0, data: { detail: words.offline } };
    }
    const text = await answer.text();
    let data = null;
    try {
      data = text ? JSON.parse(text) : null;
    } catch {
      data = { detail: `${answer.status} ${answer.statusText}` };
    }
    if (answer.status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    return { ok: answer.ok, status: answer.status, data };
  }

  let telling;
  /** Say something for a few seconds, to eyes and to screen readers. */
  function tell(text, kind = "good") {
    const place = document.getElementById("told");
    if (!place) return;
    place.className = `said ${kind}`;
    place.textContent = text;
    clearTimeout(telling);
    telling = setTimeout(() => { place.textContent = ""; }, 8000);
  }

  function jsonOf(form) {
    const body = {};
    for (const field of form.elements) {
      if (!field.name || field.disabled || (field.type === "radio" && !field.checked)) continue;
      const as = field.dataset.as ?? "";
      if (field.type === "checkbox") {
        if (as === "list") (body[field.name] ??= []).push(...(field.checked ? [field.value] : []));
        else body[field.name] = field.checked;
        continue;
      }
      if (field.multiple && field.options) {
        body[field.name] = [...field.selectedOptions].map((option) => option.value);
        continue;
      }
      const text = field.value.trim();
      if (text === "") {
        if (as === "null") body[field.name] = null;
        else if (as === "list" || as === "lines") body[field.name] = [];
        else if ("keep" in field.dataset) body[field.name] = "";
        continue;
      }
      if (as === "number") body[field.name] = Number(text.replace(",", "."));
      else if (as === "boolean") body[field.name] = text === "true";
      else if (as === "list") body[field.name] = text.split(",").map((part) => part.trim()).filter(Boolean);
      else if (as === "lines") body[field.name] = text.split("\n").map((part) => part.trim()).filter(Boolean);
      else if (as === "json") body[field.name] = JSON.parse(text);
      else if (as === "time") body[field.name] = new Date(text).toISOString();
      else body[field.name] = text;
    }
    return body;
  }

  function afterwards(element, data) {
    const then = element.dataset.then ?? "reload";
    if (element.dataset.done) tell(element.dataset.done);
    element.dispatchEvent(new CustomEvent("api:done", { bubbles: true, detail: data }));
    if (then === "reload") location.reload();
    else if (then.startsWith("go:")) location.assign(then.slice(3).replace("{id}", data?.id ?? ""));
    else if (then.startsWith("refresh:")) {
      document.querySelectorAll(then.slice(8)).forEach((part) => window.htmx.trigger(part, "refresh"));
      element.closest("dialog")?.close();
    }
  }

  function refused(element, answer) {
    const text = answer.data?.detail ?? words.failed;
    const place = element.querySelector?.("[role=alert]");
    if (place) place.textContent = text;
    else tell(text, "bad");
    element.dispatchEvent(new CustomEvent("api:refused", { bubbles: true, detail: answer }));
  }

  async function send(element, method, url, body) {
    if (element.dataset.ask && !window.confirm(element.dataset.ask)) return;
    const buttons = element.matches("form") ? element.querySelectorAll("button") : [element];
    buttons.forEach((button) => { button.disabled = true; });
    element.setAttribute("aria-busy", "true");
    const answer = await api(method, url, body);
    buttons.forEach((button) => { button.disabled = false; });
    element.removeAttribute("aria-busy");
    if (answer.ok) afterwards(element, answer.data);
    else refused(element, answer);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-api]")) return;
    event.preventDefault();
    const place = form.querySelector("[role=alert]");
    if (place) place.textContent = "";
    const isForm = form.enctype === "multipart/form-data";
    send(form, form.dataset.api, form.getAttribute("action"), isForm ? new FormData(form) : jsonOf(form));
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.api) send(button, button.dataset.api, button.dataset.url, button.dataset.body ? JSON.parse(button.dataset.body) : undefined);
    if (button.dataset.open) document.querySelector(button.dataset.open)?.showModal();
    if ("close" in button.dataset) button.closest("dialog")?.close();
    if (button.dataset.copy !== undefined) {
      await copy(button.dataset.copy);
      tell(words.copied);
    }
  });

  async function copy(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text).catch(() => undefined);
    // A page over plain HTTP has no clipboard of its own.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }

  // A select that chooses by itself: the language, filters.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  });

  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRF-Token"] = csrf;
  });
  document.addEventListener("htmx:pushedIntoHistory", () => {
    // Whoever changes the language comes back to what is shown now.
    const onward = document.querySelector("form[action='/language'] [name=next]");
    if (onward) onward.value = location.pathname + location.search;
  });
  document.addEventListener("htmx:responseError", () => tell(words.failed, "bad"));
  document.addEventListener("htmx:sendError", () => tell(words.offline, "bad"));

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_whole, name) => String(values[name] ?? ""));
  // Browsers know no Kazakh: its numbers are written like Russian ones.
  const numbers = new Intl.NumberFormat(page.lang === "en" ? "en-GB" : "ru");
  const pause = (ms) => new Promise((then) => { setTimeout(then, ms); });

  window.wallwatch = { api, tell, words, fill, numbers, pause };
})();
