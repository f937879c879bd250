// The live stream of a page: hints that something changed, never what it says.
//
// A stream needs a ticket (POST to `ticketUrl`, answered with {"url": …}). Redis pub/sub repeats nothing, so after
// every new stream, and every 2 s while there is none, the page reads everything anew: that is `onReady`.

const POLL_MS = 2_000;
const READY_WITHIN_MS = 10_000;
const SILENT_AFTER_MS = 40_000; // The server pings every 15 s.
const READ_WITHIN_MS = 10_000;
const CHECK_EVERY_MS = 5_000;
const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

/** The token that Django wants with a POST: from a form of the page, else from its cookie. */
function csrfToken() {
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  return field?.value ?? document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1] ?? "";
}

class LiveStream {
  #options;
  #source = null;
  #attempt = null; // AbortController of the attempt that fetches a ticket.
  #heardAt = 0;
  #readyAt = 0;
  #failures = 0;
  #retryTimer = 0;
  #pollTimer = 0;
  #checkTimer = 0;
  #state = "";
  #isWanted = false;
  #isReading = false;
  #mustReadAgain = false;

  constructor(options) {
    this.#options = { method: "POST", onReady() {}, onHint() {}, onState() {}, ...options };
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#wake());
    addEventListener("online", () => this.#wake());
    // A page in the back-forward cache keeps no connection; when it comes back it starts anew.
    addEventListener("pagehide", () => this.#pause());
    addEventListener("pageshow", (event) => event.persisted && this.#isWanted && this.open());
    this.open();
  }

  open() {
    this.#isWanted = true;
    if (this.#checkTimer) return;
    this.#checkTimer = setInterval(() => this.#check(), CHECK_EVERY_MS);
    this.#connect();
  }

  close() {
    this.#isWanted = false;
    this.#pause();
  }

  #pause() {
    clearInterval(this.#checkTimer);
    this.#checkTimer = 0;
    this.#stopPolling();
    this.#hangUp();
  }

  async #connect() {
    this.#hangUp();
    const attempt = (this.#attempt = new AbortController());
    this.#pollTimer ||= setInterval(() => this.#poll(), POLL_MS);
    const giveUp = setTimeout(() => this.#lose(attempt), READY_WITHIN_MS);
    attempt.signal.addEventListener("abort", () => clearTimeout(giveUp));
    try {
      const url = await this.#fetchTicket(attempt.signal);
      if (!attempt.signal.aborted) this.#listen(new EventSource(url), attempt, giveUp);
    } catch {
      this.#lose(attempt);
    }
  }

  async #fetchTicket(signal) {
    const { ticketUrl, method, headers: more } = this.#options;
    const headers = { Accept: "application/json", ...more };
    if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
    const response = await fetch(ticketUrl, { method, headers, signal, cache: "no-store", credentials: "same-origin" });
    if (!response.ok) throw new Error(`No ticket: ${response.status}`);
    return (await response.json()).url;
  }

  #listen(source, attempt, giveUp) {
    this.#source = source;
    const on = (name, act) =>
      source.addEventListener(name, (event) => {
        if (attempt.signal.aborted) return;
        this.#heardAt = Date.now();
        act?.(event);
      });
    on("ready", () => {
      clearTimeout(giveUp);
      this.#readyAt = this.#heardAt;
      this.#stopPolling();
      this.#say("live");
      this.#read();
    });
    on("hint", (event) => this.#options.onHint(JSON.parse(event.data)));
    on("ping");
    on("renew", () => this.#connect());
    source.addEventListener("error", () => this.#lose(attempt));
  }

  /** The attempt, or the stream that came of it, is over: try again after a pause, longer each time. */
  #lose(attempt) {
    if (attempt.signal.aborted) return;
    const wasSteady = this.#readyAt && Date.now() - this.#readyAt > LONGEST_PAUSE_MS;
    this.#failures = wasSteady ? 0 : this.#failures + 1;
    this.#hangUp();
    this.#pollTimer ||= setInterval(() => this.#poll(), POLL_MS);
    const pause = Math.min(SHORTEST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    // Many pages lose their streams at one moment; they must not come back at one moment.
    this.#retryTimer = setTimeout(() => this.#connect(), pause * (0.5 + Math.random() / 2));
  }

  /** Never two streams: whatever there was of the last one ends here. */
  #hangUp() {
    clearTimeout(this.#retryTimer);
    this.#attempt?.abort();
    this.#source?.close();
    this.#attempt = this.#source = null;
    this.#retryTimer = this.#readyAt = 0;
  }

  /** The computer, the network or the tab is back: do not wait for a timer. */
  #wake() {
    if (!this.#checkTimer) return;
    if (this.#retryTimer) this.#connect();
    else this.#check();
  }

  #check() {
    if (this.#readyAt && Date.now() - this.#heardAt > SILENT_AFTER_MS) this.#connect();
  }

  #poll() {
    this.#say("polling");
    this.#read();
  }

  #stopPolling() {
    clearInterval(this.#pollTimer);
    this.#pollTimer = 0;
  }

  #say(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state);
  }

  /** One reading at a time; what asks for it meanwhile gets one more afterwards. */
  async #read() {
    if (this.#isReading) {
      this.#mustReadAgain = true;
      return;
    }
    this.#isReading = true;
    do {
      this.#mustReadAgain = false;
      try {
        await Promise.race([this.#options.onReady(), new Promise((done) => setTimeout(done, READ_WITHIN_MS))]);
      } catch (error) {
        console.warn("Could not read anew:", error);
      }
    } while (this.#mustReadAgain);
    this.#isReading = false;
  }
}

/**
 * Keep a page up to date for as long as it is open.
 *
 * onReady() reads everything anew; it may return a promise. onHint({kind, …ids}) reads what the hint is about.
 * onState("live" | "polling") tells the user which it is; "polling" after 2 s without a stream.
 * `headers` go with the request for a ticket. The result has close() and open().
 */
export function connectStream({ ticketUrl, onReady, onHint, onState, ...more }) {
  return new LiveStream({ ...more, ticketUrl, ...(onReady && { onReady }), ...(onHint && { onHint }), ...(onState && { onState }) });
}
