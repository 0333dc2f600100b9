"use strict";

// The figures of a month: the button that prints, and the month that is chosen.

document.querySelector("[data-print]").addEventListener("click", () => window.print());
