"use strict";

// Passwords that were made are in the answer alone: shown once, gone with the dialog.
document.addEventListener("api:done", (event) => {
  const asked = event.target;
  if ("clears" in asked.dataset) asked.reset();
  if (!("secret" in asked.dataset)) return;
  const made = document.getElementById("made");
  if (!event.detail?.password) return location.reload();
  asked.closest("dialog")?.close();
  document.getElementById("secret").textContent = event.detail.password;
  document.getElementById("copy-secret").dataset.copy = event.detail.password;
  made.addEventListener("close", () => location.reload(), { once: true });
  made.showModal();
});

// Settings of several parts are put together before they are sent: [south, west, north, east], or {kind: days}.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.gather) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const filled = [...form.querySelectorAll("[data-part]")].filter((field) => field.value.trim() !== "");
  const number = (field) => Number(field.value.replace(",", "."));
  let value;
  if (form.dataset.gather === "list") value = filled.length ? filled.map(number) : null;
  else value = Object.fromEntries(filled.map((field) => [field.dataset.part, number(field)]));
  const answer = await window.wallwatch.api("PUT", form.getAttribute("action"), { value, version: Number(form.dataset.version) });
  if (answer.ok) location.reload();
  else form.querySelector("[role=alert]").textContent = answer.data?.detail ?? window.wallwatch.words.failed;
}, true);
