// Requests to the server on behalf of this window.

const body = document.body;

/** This window; the newest one holds the agent. */
export const consoleId = body.dataset.console;

export const headers = { "X-Console": consoleId, "X-CSRFToken": JSON.parse(body.getAttribute("hx-headers"))["X-CSRFToken"] };

/** The server understood and said no: `message` is for the agent, `reason` for the page. */
export class Refusal extends Error {
  constructor(status, { error = "", reason = "" } = {}) {
    super(error);
    this.status = status;
    this.reason = reason;
  }
}

/** No answer, or none that makes sense: the network, or a server that is just restarting. */
export class Away extends Error {}

const ANSWER_WITHIN_MS = 15_000;
const watchers = [];

/** Be told after each request whether the server was there. */
export const onReach = (watcher) => watchers.push(watcher);

async function request(url, options) {
  let response;
  try {
    response = await fetch(url, { ...options, headers: { ...headers, ...options.headers }, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  } catch (error) {
    tellReach(false);
    throw new Away(String(error));
  }
  const isThere = response.status < 502 || response.status > 504;
  tellReach(isThere);
  if (!isThere) throw new Away(String(response.status));
  if (!response.ok) throw new Refusal(response.status, await response.json().catch(() => ({})));
  return response;
}

function tellReach(isThere) {
  for (const watcher of watchers) watcher(isThere);
}

/** POST fields; gives the answer's JSON, or null for an empty one. Throws Refusal or Away. */
export async function post(url, fields = {}) {
  const data = fields instanceof FormData ? fields : new URLSearchParams(fields);
  const response = await request(url, { method: "POST", body: data });
  return response.status === 204 ? null : response.json();
}

export async function getJson(url) {
  const response = await request(url, { method: "GET" });
  return response.status === 204 ? null : response.json();
}

export async function getText(url) {
  return (await request(url, { method: "GET" })).text();
}

/** Say something while the page is going away; no answer is waited for. */
export function farewell(url) {
  const fields = new FormData();
  fields.set("csrfmiddlewaretoken", headers["X-CSRFToken"]);
  fields.set("console_id", consoleId);
  navigator.sendBeacon(url, fields);
}

export const callUrl = (call, verb) => `calls/${call}/${verb}`;
