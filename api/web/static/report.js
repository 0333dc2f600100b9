"use strict";

// Suggesting what a finding really says: choosing characters or a whole value writes it into the field that is sent.
(() => {
  /** The value as read with the characters that were chosen; positions count characters, not UTF-16 units. */
  function composed(form) {
    const chars = [...form.dataset.value];
    form.querySelectorAll("fieldset[data-position]").forEach((place) => {
      const chosen = place.querySelector("input:checked");
      if (chosen) chars[Number(place.dataset.position)] = chosen.dataset.char;
    });
    return chars.join("");
  }

  /** Radio buttons belong together within their character, and must not be sent as fields of their own. */
  function group(form) {
    form.querySelectorAll("fieldset[data-position]").forEach((place) => {
      const inputs = [...place.querySelectorAll("input")];
      inputs.forEach((input, at) => {
        input.tabIndex = input.checked ? 0 : -1;
        input.addEventListener("keydown", (event) => {
          const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
          if (!step) return;
          event.preventDefault();
          const next = inputs[(at + step + inputs.length) % inputs.length];
          next.focus();
          next.click();
        });
      });
    });
  }

  function choose(input) {
    const place = input.closest("fieldset");
    place.querySelectorAll("input").forEach((each) => {
      each.checked = each === input;
      each.tabIndex = each === input ? 0 : -1;
    });
    const form = input.form;
    form.elements.value.value = composed(form);
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches(".suggest fieldset[data-position] input")) choose(event.target);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose]");
    if (button) button.form.elements.value.value = button.dataset.choose;
  });
  // A box leads to its address: the focus goes there, too.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".picture svg a");
    if (!link) return;
    event.preventDefault();
    const card = document.getElementById(link.getAttribute("href").slice(1));
    card?.focus();
    card?.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".suggest").forEach(group));
  document.addEventListener("htmx:load", (event) => event.detail.elt.querySelectorAll?.(".suggest").forEach(group));
})();
