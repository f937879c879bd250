// Small behaviours of every screen. Everything works by event delegation, so fragments that htmx brings need no set-up.
//
//   data-since="<epoch s>"   shows the time passed since then as 3:07, every second
//   data-until="<epoch s>"   shows the time left until then; <progress> and <meter> get it as their value
//   data-menu                on <details>: closed by Escape, by a click elsewhere, by choosing
//   data-dismiss             removes the nearest .message, .alert or .strip
//   data-dialog="<id>"       opens that <dialog>; the key ? opens the one with the id "keys"
//   data-theme-toggle        light or dark, remembered in this browser
//   data-keys-toggle         a tick box: single-key shortcuts on or off (WCAG 2.1.4), remembered in this browser
//   data-autosize            a textarea as tall as its text

const root = document.documentElement;

// The server's clock counts: an agent's computer may be minutes off.
const served = Number(document.body.dataset.now);
const skew = served ? Math.round(served - Date.now() / 1000) : 0;

/** Seconds since 1970 by the server's clock. */
export const now = () => Math.floor(Date.now() / 1000) + skew;

/** 187 -> "3:07", 4027 -> "1:07:07". */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

/** Whether single-key shortcuts may act now: switched on, and nobody is typing. */
export function keysAllowed(event) {
  if (root.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  const typing = event.target.closest?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]");
  return !typing;
}

function show(element, seconds) {
  if ("value" in element && element.matches("progress, meter")) element.value = seconds;
  else {
    const text = duration(seconds);
    if (element.textContent !== text) element.textContent = text;
  }
}

export function tick(scope = document) {
  const moment = now();
  for (const element of scope.querySelectorAll("[data-since]")) show(element, moment - Number(element.dataset.since));
  for (const element of scope.querySelectorAll("[data-until]")) show(element, Math.max(0, Number(element.dataset.until) - moment));
}

function keepTicking() {
  tick();
  setTimeout(keepTicking, 1000 - (Date.now() % 1000));
}

// A private window may refuse storage; the choice then lasts as long as the page.
const store = {
  get(name) { try { return localStorage.getItem(name); } catch { return null; } },
  set(name, value) { try { localStorage.setItem(name, value); } catch { /* see above */ } },
};

function restoreChoices() {
  const theme = store.get("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  root.dataset.keys = store.get("keys") === "off" ? "off" : "on";
  for (const box of document.querySelectorAll("[data-keys-toggle]")) box.checked = root.dataset.keys === "on";
}

function toggleTheme() {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  store.set("theme", root.dataset.theme);
}

function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement)) return;
  if (dialog.open) dialog.close();
  else dialog.showModal();
}

function dismiss(button) {
  const note = button.closest(".message, .alert, .strip");
  const list = note?.parentElement;
  note?.remove();
  list?.querySelector("[data-dismiss]")?.focus();
}

const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) if (menu !== except) menu.open = false;
};

function autosize(area) {
  if (CSS.supports("field-sizing", "content")) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;
  closeMenus(target.closest("details[data-menu]"));
  if (target.closest("[data-theme-toggle]")) toggleTheme();
  const opener = target.closest("[data-dialog]");
  if (opener) openDialog(opener.dataset.dialog);
  const dismisser = target.closest("[data-dismiss]");
  if (dismisser) dismiss(dismisser);
  if (target.matches("dialog.dialog")) target.close(); // a click on the backdrop
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details[data-menu][open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  }
  if (event.key === "?" && keysAllowed(event) && document.getElementById("keys")) {
    event.preventDefault();
    openDialog("keys");
  }
});

document.addEventListener("change", (event) => {
  if (!event.target.matches?.("[data-keys-toggle]")) return;
  root.dataset.keys = event.target.checked ? "on" : "off";
  store.set("keys", root.dataset.keys);
});

document.addEventListener("input", (event) => {
  if (event.target.matches?.("textarea[data-autosize]")) autosize(event.target);
});

// What htmx has just put in shows its time and its height at once, not at the next second.
document.addEventListener("htmx:load", (event) => {
  tick(event.target.parentElement ?? document);
  for (const area of event.target.querySelectorAll?.("textarea[data-autosize]") ?? []) autosize(area);
});

restoreChoices();
for (const area of document.querySelectorAll("textarea[data-autosize]")) autosize(area);
keepTicking();
