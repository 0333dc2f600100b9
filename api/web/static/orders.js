"use strict";

// Work orders: a signed link that is made and copied, and printing.

(() => {
  const { api, tell, words } = window.wallwatch;

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // Printed pictures must be there: those further down are not loaded before they are seen.
  addEventListener("beforeprint", () => {
    for (const picture of document.querySelectorAll("img[loading=lazy]")) picture.loading = "eager";
  });

  const form = document.getElementById("link");
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const alert = form.querySelector("[role=alert]");
    const button = form.querySelector("button");
    alert.textContent = "";
    button.disabled = true;
    const body = { version: Number(form.dataset.version), handed_over: Boolean(form.elements.handed_over?.checked) };
    const answer = await api("POST", form.dataset.url, body);
    button.disabled = false;
    if (!answer.ok) {
      alert.textContent = answer.data?.detail ?? words.failed;
      return;
    }
    form.dataset.version = answer.data.version;
    form.elements.handed_over?.closest("label").remove();
    const shown = form.querySelector("output");
    const field = shown.querySelector("input");
    field.value = answer.data.url;
    shown.hidden = false;
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // a page over plain HTTP has no clipboard of its own
    }
    tell(words.copied);
  });
})();
