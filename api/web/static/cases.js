"use strict";

// A request to block: the chosen addresses and the step to "sent" become the JSON that the API takes.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("request");
  if (!form) return;
  const isSent = document.getElementById("is-sent");
  const [at, reason] = [document.getElementById("sent-at"), document.getElementById("reason")];

  function gather() {
    const chosen = [...form.querySelectorAll("[data-id]")].filter((box) => box.checked);
    form.elements.addresses.value = JSON.stringify(chosen.map((box) => ({ id: box.dataset.id, version: Number(box.dataset.version) })));
    document.getElementById("sending").hidden = !isSent.checked;
    for (const field of [at, reason]) field.required = isSent.checked;
    const isWhole = isSent.checked && at.value && reason.value.trim();
    form.elements.sent.value = isWhole ? JSON.stringify({ sent_at: new Date(at.value).toISOString(), reason: reason.value }) : "";
  }

  form.addEventListener("input", gather);
  gather();
});
