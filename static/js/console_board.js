// The parts of the console that change, read anew when a hint says so.
//
// One reading at a time. A part whose HTML is what it was is left alone, so that focus, open menus and what a screen
// reader is reading stay where they are.

import { getText } from "./console_link.js";

const LAZY_MS = 700;

/** Where things stand, as the last reading said: kind, presence, call, state, generation, client, stateSince, mustReload. */
export const facts = () => document.getElementById("facts").dataset;

export class Board {
  #url;
  #onChange;
  #asks;
  #opened = "";
  #reading = null;
  #next = null;
  #lazy = 0;
  #seen = new Map();

  /** `onChange(facts, before)` after each reading; `asks` goes with every one. */
  constructor({ url, asks, onChange }) {
    this.#url = url;
    this.#asks = asks;
    this.#onChange = onChange;
    document.addEventListener("htmx:oobBeforeSwap", (event) => this.#consider(event));
  }

  /** Show a call of the agent's own in the centre when it is free; "" for none. */
  open(call) {
    this.#opened = call;
    return this.refresh();
  }

  /** Read everything; resolves after a reading that began no earlier than now. */
  refresh() {
    clearTimeout(this.#lazy);
    this.#lazy = 0;
    if (!this.#reading) return this.#start();
    this.#next ??= this.#reading.then(() => {
      this.#next = null;
      return this.#start();
    });
    return this.#next;
  }

  /** The same when it is not urgent: many consoles must not ask at one moment. */
  refreshSoon() {
    this.#lazy ||= setTimeout(() => this.refresh(), LAZY_MS * (0.5 + Math.random() / 2));
  }

  #start() {
    this.#reading = this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read() {
    const shown = document.getElementById("script").dataset.call ?? "";
    const opened = this.#opened;
    const query = new URLSearchParams({ shown, opened, ...this.#asks });
    let html;
    try {
      html = await getText(`${this.#url}?${query}`);
    } catch {
      return; // the strip says so; the next reading comes by itself
    }
    const before = { ...facts() };
    const openIds = [...document.querySelectorAll("details[open][id]")].map((each) => each.id);
    htmx.swap(document.body, html, { swapStyle: "none", swapDelay: 0, settleDelay: 0 });
    for (const id of openIds) document.getElementById(id)?.setAttribute("open", "");
    if (this.#opened === opened && facts().call !== opened) this.#opened = ""; // something else has the centre
    this.#onChange(facts(), before);
  }

  #consider(event) {
    const { target, fragment } = event.detail;
    const fresh = fragment.firstElementChild;
    const signature = signatureOf(fresh);
    if (this.#seen.get(target.id) === signature || isBeingFilledIn(target)) event.detail.shouldSwap = false;
    else this.#seen.set(target.id, signature);
  }
}

/** The HTML without what ticks by itself. */
function signatureOf(element) {
  const copy = element.cloneNode(true);
  for (const timer of copy.querySelectorAll("[data-since], [data-until]")) timer.textContent = "";
  return copy.outerHTML;
}

/** A note half written in a list is not swept away; the list waits until the note is done. */
function isBeingFilledIn(target) {
  if (target.id !== "open") return false;
  return [...target.querySelectorAll("input[type=text]")].some((field) => field.value !== field.defaultValue);
}
