// Everything by keys. A key acts through the button that shows it: `data-key` names it, `data-enter` marks the one
// that Enter means. Single keys act only when no field is being typed in (ui.js).

import { keysAllowed } from "./ui.js";

const CALM_MS = 700;
const PLACES = ["#stage", "#callbar", "#script", "body"];

/**
 * The key as it is printed on the button, whatever the layout: a Greek keyboard sends η for H, a Lithuanian one ą for 1.
 */
function keyOf(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key.length > 1 || /^[\x20-\x7e]$/.test(key)) return key;
  return event.code.match(/^(?:Key|Digit|Numpad)([A-Z0-9])$/)?.[1].toLowerCase() ?? key;
}

const isUsable = (button) => !button.disabled && !button.closest("[hidden], [inert]");

function buttonFor(selector) {
  for (const place of PLACES) {
    const found = [...document.querySelectorAll(`${place} ${selector}`)].find(isUsable);
    if (found) return found;
  }
  return null;
}

const isOperable = (element) => Boolean(element?.closest?.("a, button, summary, input, select, textarea, dialog"));
const isTyping = (element) => Boolean(element?.matches?.("textarea, select, input:not([type=radio], [type=checkbox])"));

export class Keys {
  #typedAt = -Infinity;
  #isHushed = false;

  constructor() {
    document.addEventListener("keydown", (event) => this.#calm(event), { capture: true });
    document.addEventListener("keydown", (event) => this.#act(event));
  }

  /** Something else has taken the centre: what was being typed in the same moment must not answer or close it. */
  hush() {
    this.#isHushed = performance.now() - this.#typedAt < 2 * CALM_MS;
  }

  get isTyping() {
    return isTyping(document.activeElement);
  }

  #calm(event) {
    const isCalm = performance.now() - this.#typedAt >= CALM_MS;
    if (isTyping(event.target)) this.#isHushed = false;
    else if (this.#isHushed && !isCalm) {
      event.preventDefault();
      event.stopPropagation();
    } else this.#isHushed = false;
    if (isTyping(event.target) || this.#isHushed) this.#typedAt = performance.now();
  }

  #act(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#send(event);
    else if (event.key === "Escape") this.#escape(event);
    else if (keysAllowed(event) && !event.repeat && !event.shiftKey) this.#press(event);
  }

  #press(event) {
    const key = keyOf(event);
    if (key === "Enter" && isOperable(event.target)) return;
    if (key === "m") {
      if (this.write()) event.preventDefault();
      return;
    }
    const selector = key === "Enter" ? "[data-enter]" : /^[a-z0-9]$/.test(key) ? `[data-key="${key}"]` : null;
    const button = selector && buttonFor(selector);
    if (!button) return;
    event.preventDefault();
    button.click();
  }

  /** Go to the message's text; whether there is one. */
  write() {
    const field = document.querySelector("#message-form [name=text]");
    if (!field) return false;
    field.closest("details")?.setAttribute("open", "");
    field.focus();
    return true;
  }

  #send(event) {
    const form = event.target.form ?? document.getElementById("message-form");
    if (form?.id !== "message-form") return;
    event.preventDefault();
    form.requestSubmit();
  }

  #escape(event) {
    if (event.isComposing) return;
    if (isTyping(event.target)) {
      this.#typedAt = -Infinity; // done with typing, and meant so
      event.target.blur();
      document.getElementById("main").focus();
    } else if (!document.querySelector("details[data-menu][open]")) buttonFor("[data-action=leave]")?.click();
  }
}
