// A script tried out at the desk: the console's keys act on the console's own panel.

import { Keys } from "./console_keys.js";

new Keys();

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "script-run") event.target.querySelector("[data-current] input[name=answer]")?.focus();
});
