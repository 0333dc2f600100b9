"use strict";

// A file of its own: the page's policy lets no inline script run.
window.addEventListener("load", () => {
  SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger",
    deepLinking: true,
    validatorUrl: null, // the default would send the description to a server elsewhere
  });
});
