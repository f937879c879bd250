// The script's current question keeps itself while it is being typed, as the message form does: every 3 s and whenever
// the focus moves. Answers are given by its form, which htmx sends; a revision that rises with each save lets no late
// one replace a newer one.

import { Away, post } from "./console_link.js";

const SAVE_EVERY_MS = 3_000;

const currentForm = () => document.querySelector("#script [data-current]");

export class ScriptRun {
  #changed = null;

  constructor() {
    document.addEventListener("input", (event) => {
      const form = event.target.closest?.("#script [data-current]");
      if (form && event.target.name === "answer") this.#changed = form;
    });
    document.addEventListener("submit", (event) => {
      if (event.target.matches?.("[data-step]")) event.preventDefault(); // sent by htmx, also in its first moment
      if (event.target === this.#changed) this.#changed = null;
    });
    document.addEventListener("focusout", () => this.save());
    setInterval(() => this.save(), SAVE_EVERY_MS);
  }

  /** Look at the page again: the step may be another one. */
  attach() {
    if (this.#changed && !this.#changed.isConnected) this.#changed = null;
  }

  /** Where the script goes on: its field, or, where keys choose, the page itself; null where nothing is asked. */
  get next() {
    const form = currentForm();
    if (!form) return null;
    return form.querySelector("[name=answer]:is(input, textarea)") ?? (form.querySelector("[data-key]") ? document.getElementById("main") : null);
  }

  /** What is half typed goes to the server now. */
  async save() {
    const form = this.#changed;
    if (!form) return;
    this.#changed = null;
    try {
      await this.#post(form);
    } catch (error) {
      if (error instanceof Away && form.isConnected) this.#changed ??= form; // tried again
    }
  }

  /** The panel is leaving the page, whatever else is under way. */
  flush() {
    this.save();
  }

  /** What an action of the script waited for has been done. */
  note(command) {
    document.querySelector(`#script [data-done-by="${command}"]`)?.click();
  }

  #post(form) {
    const { step, answer, revision } = form.elements;
    const values = { step: step.value, answer: answer.value, revision: revision.value, is_typing: "on" };
    for (const field of document.querySelectorAll("#script [name=revision]")) field.value = String(Number(field.value) + 1);
    return post(form.getAttribute("action"), values);
  }
}
