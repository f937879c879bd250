// The caller's page is in one screen at a time. Texts are in the template; this shows a screen and fills in its values.

const screens = new Map([...document.querySelectorAll("[data-screen]")].map((screen) => [screen.dataset.screen, screen]));
const announcer = document.querySelector("[data-announcer]");

/** The name of the screen that is shown. */
export const shown = () => [...screens].find(([, screen]) => !screen.hidden)?.[0];

/**
 * Show a screen. `slots` are texts by name, `when` names the conditions whose parts are shown (others' are hidden),
 * `since` is the second from which its clock counts.
 */
export function show(name, { slots = {}, when = [], since = null } = {}) {
  const screen = screens.get(name);
  for (const [slot, text] of Object.entries(slots)) {
    for (const element of screen.querySelectorAll(`[data-slot="${slot}"]`)) write(element, text);
  }
  for (const part of screen.querySelectorAll("[data-when]")) part.hidden = !when.includes(part.dataset.when);
  if (since !== null) for (const clock of screen.querySelectorAll("[data-clock]")) clock.dataset.since = since;
  if (shown() !== name) change(screen);
}

// Clearing a text that is being read aloud would stop the reading: write only what is new.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function change(screen) {
  const hadFocus = [...screens.values()].some((other) => !other.hidden && other.contains(document.activeElement));
  for (const other of screens.values()) other.hidden = other !== screen;
  announcer.textContent = [...screen.querySelectorAll(".phone-status :is(h2, p):not([hidden])")]
    .map((part) => part.innerText.trim())
    .join(". ");
  // The button that was pressed is gone; the next one must not be pressed by the same key by mistake.
  if (hadFocus) screen.querySelector("h2").focus({ preventScroll: true });
}

/** Show what is wrong with which field, or with `{}` nothing; the first wrong one is focused. */
export function showErrors(form, errors) {
  for (const field of form.querySelectorAll("[data-field]")) {
    const input = field.querySelector("input");
    const list = field.querySelector("[data-errors]");
    const messages = errors[field.dataset.field] ?? [];
    list.replaceChildren(...messages.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    list.hidden = messages.length === 0;
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
    if (messages.length) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", list.id);
      field.closest("details")?.setAttribute("open", "");
    }
  }
  form.querySelector('[aria-invalid="true"]')?.focus();
}

/** The values of a form by name. */
export const valuesOf = (form) => Object.fromEntries(new FormData(form));

/** Whoever comes from a call that was lost need not write twice what is known already. */
export function prefill(form, values) {
  for (const [name, value] of Object.entries(values)) {
    const input = form.elements[name];
    if (input && !input.value) input.value = value;
  }
}
