"use strict";

// A subscription's form shows what its channel needs; a secret is in the answer alone: shown once, gone with the dialog.
document.addEventListener("DOMContentLoaded", () => {
  const dialog = document.getElementById("made");
  const form = document.getElementById("subscription");

  document.addEventListener("api:done", (event) => {
    const made = event.detail ?? {};
    const secret = made.secret ?? (made.feed && location.origin + made.feed);
    if (secret) {
      document.getElementById("secret").textContent = secret;
      document.getElementById("copy-secret").dataset.copy = secret;
      dialog.showModal();
    } else if (event.target === form && form.dataset.then === "stay") location.assign(form.dataset.list);
  });
  dialog.addEventListener("close", () => (form ? location.assign(form.dataset.list) : location.reload()));
  if (!form) return;

  const field = (id) => document.getElementById(id);
  const number = (id) => Number(field(id).value.replace(",", "."));

  function arrange() {
    const channel = field("channel")?.value ?? field("way").dataset.channelNow;
    for (const place of form.querySelectorAll("[data-channel]")) {
      const isDaily = !place.dataset.pace || (field("pace").value === place.dataset.pace);
      place.hidden = !(place.dataset.channel.split(" ").includes(channel) && isDaily);
      place.querySelectorAll("input, select").forEach((each) => { each.disabled = place.hidden; });
    }
    field("mail_to").required = channel === "mail";
    field("url").required = channel === "webhook";
    const circle = ["lat", "lon", "radius"];
    const isCircle = circle.some((id) => field(id).value !== "");
    circle.forEach((id) => { field(id).required = isCircle; });
    form.elements.circle.value = isCircle ? JSON.stringify({ lat: number("lat"), lon: number("lon"), radius_m: number("radius") }) : "";
    const corners = field("corners").value.trim();
    form.elements.box.value = corners ? JSON.stringify(corners.split(",").map(Number)) : "";
  }

  form.addEventListener("input", arrange);
  arrange();
});
