// What the caller's page sends to the server, and what it keeps in this tab so that a reload or a dead server loses nothing.

const REQUEST_LIMIT_MS = 5000;
const RETRY_MS = 2000;
const LOCK_PATIENCE_MS = 3000;

/** The server has answered, and the answer is no. `code`, `message` and `fields` are for the person. */
export class Refusal extends Error {
  constructor(status, { error = "", message = "", fields = {} } = {}) {
    super(message || `The server answered ${status}.`);
    this.status = status;
    this.code = error;
    this.fields = fields;
  }
}

/** Nobody answered, or not in time, or only a proxy did. Whether the request was carried out is not known. */
export class Unreachable extends Error {}

export class Link {
  #base;
  #language;

  /** `base` is where calls live; `language` is what the page is shown in, so that refusals are said in it. */
  constructor(base, language) {
    this.#base = base;
    this.#language = language;
  }

  /** Make a call. `address` is the line's. */
  create(address, values) {
    return this.#request("POST", address, values);
  }

  /** Ask about or tell of a call, e.g. `("GET", call, "")` or `("POST", call, "heartbeat", {…})`. */
  about(method, call, what, values) {
    return this.#request(method, `${this.#base}${call.id}/${what}`, values, call.token);
  }

  /** Where `connectStream` gets the address of this call's stream. */
  ticketFor(call) {
    return { ticketUrl: `${this.#base}${call.id}/ticket`, headers: { "X-Call-Token": call.token } };
  }

  /** Tell that this page is going; the browser sends it even after the page is gone. */
  sayLeaving(call) {
    const body = new Blob([JSON.stringify({ token: call.token })], { type: "application/json" });
    navigator.sendBeacon(`${this.#base}${call.id}/leaving`, body);
  }

  async #request(method, address, values, token) {
    const headers = { Accept: "application/json", "Accept-Language": this.#language };
    if (token) headers["X-Call-Token"] = token;
    if (values) headers["Content-Type"] = "application/json";
    let response, data;
    try {
      const signal = AbortSignal.timeout(REQUEST_LIMIT_MS);
      const body = values && JSON.stringify(values);
      response = await fetch(address, { method, headers, body, signal, credentials: "same-origin", cache: "no-store", keepalive: method === "POST" });
      data = await response.json();
    } catch (error) {
      throw new Unreachable("The server cannot be reached.", { cause: error });
    }
    if (response.ok) return data;
    if (!data?.error) throw new Unreachable(`The server answered ${response.status}.`);
    throw new Refusal(response.status, data);
  }
}

/** A new random name of 128 bits, in hexadecimal. */
export function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What this tab remembers over a reload; a browser that refuses storage remembers it as long as the page lives. */
export class TabMemory {
  #name;
  #value = null;

  constructor(name) {
    this.#name = name;
  }

  read() {
    try {
      return JSON.parse(sessionStorage.getItem(this.#name)) ?? this.#value;
    } catch {
      return this.#value;
    }
  }

  write(value) {
    this.#value = value;
    try {
      if (value === null) sessionStorage.removeItem(this.#name);
      else sessionStorage.setItem(this.#name, JSON.stringify(value));
    } catch { /* see above */ }
  }
}

/** Hang-ups that a dead server has not heard of yet; sent as soon as it is back, with how long ago they were. */
export class HangUps {
  #link;
  #memory = new TabMemory("alio-hang-ups");
  #timer = 0;
  #sending = false;

  constructor(link) {
    this.#link = link;
  }

  /** Remember it, and send it now if possible; gives what the server says of the call, null if it could not be told. */
  async add(call) {
    this.#memory.write([...this.#waiting(), { call, key: randomKey(), at: Date.now() }]);
    return this.flush();
  }

  /** Send what is waiting; what cannot be sent is tried again by itself. */
  async flush() {
    if (this.#sending) return null;
    this.#sending = true;
    clearTimeout(this.#timer);
    let facts = null;
    try {
      for (const { call, key, at } of this.#waiting()) {
        facts = await this.#send(call, key, at);
        this.#memory.write(this.#waiting().filter((other) => other.key !== key));
      }
    } catch {
      this.#timer = setTimeout(() => this.flush(), RETRY_MS);
      facts = null;
    } finally {
      this.#sending = false;
    }
    return facts;
  }

  #waiting() {
    return this.#memory.read() ?? [];
  }

  // A refusal is an answer: the call is not known any more, so nothing is left to be told.
  async #send(call, key, at) {
    try {
      return await this.#link.about("POST", call, "hang-up", { key, ago_ms: Math.max(0, Date.now() - at) });
    } catch (error) {
      if (error instanceof Refusal) return null;
      throw error;
    }
  }
}

/**
 * Only one page of this browser may be in a call. Gives the function that lets others in, or null if another has it.
 * A page that was just reloaded waits a little for its own former self to be gone.
 */
export async function takeTheOnlyCall({ patient = false } = {}) {
  if (!navigator.locks) return () => {};
  const options = patient ? { signal: AbortSignal.timeout(LOCK_PATIENCE_MS) } : { ifAvailable: true };
  return new Promise((resolve) => {
    navigator.locks
      .request("alio-call", options, (lock) => lock && new Promise((release) => resolve(release)))
      .then(() => resolve(null), () => resolve(null));
  });
}
