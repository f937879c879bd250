// The message form keeps itself: every 3 s when changed, whenever the focus moves, and in this window's own memory
// in case the server is away. A revision that rises with each change lets no late save replace a newer one.

import { Away, post } from "./console_link.js";
import { toast, word } from "./console_say.js";

const SAVE_EVERY_MS = 3_000;
const FIELDS = ["caller_name", "caller_number", "contact", "urgency", "text", "form_key", "revision"];
const NEARLY = 0.9;

// A private window may refuse storage; the server's copy is then the only one.
const memory = {
  get(call) { try { return JSON.parse(sessionStorage.getItem(`draft:${call}`)); } catch { return null; } },
  set(call, values) { try { sessionStorage.setItem(`draft:${call}`, JSON.stringify(values)); } catch { /* see above */ } },
  drop(call) { try { sessionStorage.removeItem(`draft:${call}`); } catch { /* see above */ } },
};

const formOnPage = () => document.getElementById("message-form");
const valuesOf = (form) => Object.fromEntries(FIELDS.map((name) => [name, form.elements[name]?.value ?? ""]));

export class Draft {
  #onSent;
  #form = null;
  #isChanged = false;
  #isSaving = false;

  /** `onSent()`: the server says that this form was sent already. */
  constructor({ onSent }) {
    this.#onSent = onSent;
    document.addEventListener("input", (event) => event.target.form === this.#form && this.#form && this.#note());
    for (const name of ["focusin", "focusout"]) document.addEventListener(name, () => this.save());
    setInterval(() => this.save(), SAVE_EVERY_MS);
    this.attach();
  }

  /** Look at the page again: its form may be another one. */
  attach() {
    const form = formOnPage();
    if (form !== this.#form) {
      this.#form = form;
      this.#isChanged = false;
      if (form) this.#restore();
    }
    if (form) this.#show();
  }

  /** The form as it is goes to the server now; call before the form leaves the page. */
  async save() {
    if (!this.#form || !this.#isChanged || this.#isSaving) return;
    const form = this.#form;
    const values = valuesOf(form);
    this.#isSaving = true;
    this.#isChanged = false;
    this.#say(word("saving"));
    try {
      this.#saved(form, await post(form.dataset.draftUrl, values));
    } catch (error) {
      this.#notSaved(form, error);
    } finally {
      this.#isSaving = false;
    }
  }

  /** The form is leaving the page, whatever else is under way. */
  flush() {
    if (!this.#form || !this.#isChanged) return;
    const { draftUrl, call } = this.#form.dataset;
    post(draftUrl, valuesOf(this.#form)).catch(() => {}); // the window's memory has it
    this.#isChanged = false;
    this.#form = null;
    return call;
  }

  /** The form has been sent: nothing of it is to be kept any more. */
  forget(call) {
    memory.drop(call);
    this.#isChanged = false;
    this.#form = null;
  }

  get isTouched() {
    return Number(this.#form?.elements.revision.value ?? 0) > 0;
  }

  get hasText() {
    return this.isTouched && Boolean(this.#form.elements.text.value.trim());
  }

  #note() {
    const { revision } = this.#form.elements;
    revision.value = String(Number(revision.value) + 1);
    this.#isChanged = true;
    memory.set(this.#form.dataset.call, valuesOf(this.#form));
    this.#show();
  }

  #restore() {
    const kept = memory.get(this.#form.dataset.call);
    if (!kept || Number(kept.revision) <= Number(this.#form.elements.revision.value)) return;
    if (document.querySelector(`[data-form-key="${CSS.escape(kept.form_key)}"]`)) {
      memory.drop(this.#form.dataset.call); // it was sent in the moment in which this window died
      return;
    }
    for (const name of FIELDS) if (kept[name] !== undefined) this.#form.elements[name].value = kept[name];
    this.#isChanged = true;
    toast(word("restored"), "info");
    this.save();
  }

  #saved(form, answer) {
    if (answer.sent) {
      this.forget(form.dataset.call);
      this.#onSent();
      return;
    }
    if (form !== this.#form) return;
    const { revision } = form.elements;
    if (answer.revision > Number(revision.value)) {
      revision.value = String(answer.revision + 1); // another window went further; this one holds the agent now
      this.#isChanged = true;
    } else if (!this.#isChanged) this.#say(word("saved", { time: answer.saved_at }));
  }

  #notSaved(form, error) {
    if (form !== this.#form) return;
    this.#isChanged = error instanceof Away;
    this.#say(error instanceof Away ? word("notSaved") : error.message || word("notSaved"), true);
  }

  #say(text, isFailed = false) {
    const state = document.getElementById("save-state");
    if (!state) return;
    if (state.textContent.trim() !== text) state.textContent = text;
    state.classList.toggle("save-state-failed", isFailed);
  }

  #show() {
    this.#showLength();
    const name = this.#form.elements.caller_name.value.trim();
    for (const blank of document.querySelectorAll('[data-merge="caller.name"]')) {
      const text = name || blank.dataset.blank;
      if (blank.textContent !== text) blank.textContent = text;
    }
  }

  #showLength() {
    const limit = Number(this.#form.dataset.textLimit);
    const length = [...this.#form.elements.text.value].length; // characters as the server counts them
    const hint = document.getElementById("text-left");
    hint.hidden = length < limit * NEARLY;
    hint.classList.toggle("is-over", length > limit);
    if (!hint.hidden) hint.textContent = length > limit ? word("over", { count: length - limit }) : word("left", { count: limit - length });
  }
}
