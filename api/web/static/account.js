"use strict";

// A new key's secret is in the answer alone: shown once, gone with the dialog.
document.addEventListener("DOMContentLoaded", () => {
  const dialog = document.getElementById("made");
  document.getElementById("new-key").addEventListener("api:done", (event) => {
    document.getElementById("secret").textContent = event.detail.secret;
    document.getElementById("copy-secret").dataset.copy = event.detail.secret;
    dialog.showModal();
  });
  dialog.addEventListener("close", () => location.reload());
});
