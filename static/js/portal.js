/* The portal's lists and calls re-read themselves when the stream says that something changed. */

import { connectStream } from "./stream.js";

const part = document.querySelector("[data-stream]");

const more = document.querySelector(".filters-more");

if (more && !("used" in more.dataset) && window.matchMedia("(max-width: 599px)").matches) more.open = false;

function reRead() {
  if (!part.contains(document.activeElement)) htmx.trigger(part, "re-read");
}

if (part) {
  connectStream({
    ticketUrl: part.dataset.stream,
    onReady: reRead,
    onHint: (hint) => {
      if (!part.dataset.call || part.dataset.call === hint.call) reRead();
    },
    onState: () => {},
  });
}
