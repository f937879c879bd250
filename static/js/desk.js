/* The live board re-reads itself at every hint; several hints at once make one request. */

import { connectStream } from "./stream.js";

const board = document.getElementById("board");
const notice = document.querySelector("[data-stream-state]");
let waiting = null;

function reRead() {
  waiting ??= setTimeout(() => {
    waiting = null;
    htmx.trigger(board, "re-read");
  }, 50);
}

connectStream({
  ticketUrl: board.dataset.stream,
  onReady: reRead,
  onHint: reRead,
  onState: (state) => {
    notice.hidden = state === "live";
  },
});
