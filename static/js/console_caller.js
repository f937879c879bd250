// What the agent says of the caller during the call: its form stands above the caller's card, out of the way of what
// is read anew, until it is saved or cancelled.

import { getText } from "./console_link.js";

const place = () => document.getElementById("caller-form");

export class CallerForm {
  #call = "";

  /** Another call may have the centre: a form in which nothing was changed goes, any other waits to be saved. */
  follow(call = "") {
    if (call !== this.#call && !this.#isChanged) this.close();
  }

  /** Show the form at this address, and go to its first field; what has been typed is not swept away. */
  async open(url, call) {
    if (!this.#isChanged) {
      const html = await getText(url);
      htmx.swap(place(), html, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 });
      this.#call = call;
    }
    this.focus();
  }

  focus() {
    const wrong = place().querySelector("[aria-invalid=true]");
    (wrong ?? place().querySelector("[data-first]"))?.focus();
  }

  close() {
    place().replaceChildren();
  }

  get #isChanged() {
    const fields = [...place().querySelectorAll("form :is(input:not([type=checkbox], [type=hidden]), textarea)")];
    const boxes = [...place().querySelectorAll("form input[type=checkbox]")];
    const choices = [...place().querySelectorAll("form option")];
    return (
      fields.some((field) => field.value !== field.defaultValue) ||
      boxes.some((box) => box.checked !== box.defaultChecked) ||
      choices.some((choice) => choice.selected !== choice.defaultSelected)
    );
  }
}

/** The name by which the message and the script go, where nobody has typed another. */
export function takeName(name, before) {
  const field = document.querySelector("#message-form [name=caller_name]");
  if (!field || !name || (field.value.trim() && field.value.trim() !== before)) return;
  field.value = name;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
