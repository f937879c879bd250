// What the page says by itself: toasts, announcements, the strips under the bar.

const words = JSON.parse(document.getElementById("console-words").textContent);
const SUCCESS_STAYS_MS = 6_000;
const TOASTS_AT_ONCE = 4;
const SIGNS = { success: "check", info: "info", warning: "warning", error: "warning" };

/** A sentence by its name, its {braces} filled. */
export const word = (name, values = {}) => words[name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");

/** Show an answer to what was just done; it is read out, and stays until dismissed if it is a problem. */
export function toast(text, kind = "error") {
  const list = document.getElementById("messages");
  for (const old of list.children) if (old.querySelector("p").textContent === text) old.remove();
  while (list.children.length >= TOASTS_AT_ONCE) list.firstElementChild.remove();
  const note = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  note.classList.add(`message-${kind}`);
  const sign = note.querySelector("use");
  sign.setAttribute("href", sign.getAttribute("href").replace(/#.*/, `#${SIGNS[kind]}`));
  note.querySelector("p").textContent = text;
  list.append(note);
  if (kind === "success") setTimeout(() => note.remove(), SUCCESS_STAYS_MS);
}

/** Read something out at once that the screen shows by itself. */
export function announce(text) {
  document.getElementById("announcer").textContent = text;
}

const strips = { replaced: false, away: false, slow: false, telephone: false, reload: false };

/** Show or hide a strip; of several only the gravest is seen. */
export function strip(name, isTrue) {
  strips[name] = isTrue;
  const shown = Object.keys(strips).find((each) => strips[each]);
  for (const element of document.querySelectorAll("[data-strip]")) element.hidden = element.dataset.strip !== shown;
}
