// The agent's screen. Hints say what to read again, keys and buttons say what to do; the server's facts decide.

import { CallAudio, tryMicrophone } from "./console_audio.js";
import { CallerForm, takeName } from "./console_caller.js";
import { Board, facts } from "./console_board.js";
import { Draft } from "./console_draft.js";
import { Keys } from "./console_keys.js";
import { Away, Refusal, callUrl, consoleId, headers, onReach, post } from "./console_link.js";
import { Ring } from "./console_ring.js";
import { ScriptRun } from "./console_script.js";
import { announce, strip, toast, word } from "./console_say.js";
import { Telephone, TelephoneError } from "./console_telephone.js";
import { TwilioLeg } from "./console_twilio.js";
import { BrowserLeg } from "./console_webrtc.js";
import { connectStream } from "./stream.js";
import { duration, now } from "./ui.js";
import { MicrophoneError } from "./voice.js";

const NUDGE_EVERY_S = 60;
const DOTS = { missing: "danger", connecting: "none", connected: "ok", partly: "warn", lost: "danger" };

const page = document.body.dataset;
const places = { microphone: "", ring: "" };
let stream = null;
let isReplaced = false;
let isSignedOut = false;
let nudges = 0;

const keys = new Keys();
const ring = new Ring({ onMuted: (isMuted) => place("ring", isMuted ? word("ringMuted") : "") });
const draft = new Draft({ onSent: () => board.refresh() });
const script = new ScriptRun();
const callerForm = new CallerForm();
const board = new Board({
  url: page.boardUrl,
  asks: page.voiceTokenUrl ? {} : { telephone: "none" }, // a clearance may come while the page is open
  onChange: changed,
});
const iceServers = JSON.parse(document.getElementById("console-ice-servers").textContent);
const telephone = new Telephone({
  sdkUrl: page.voiceSdk,
  tokenUrl: page.voiceTokenUrl,
  onState: showTelephone,
  onProblem: tell,
});
const audio = new CallAudio({
  legs: {
    browser: (options) => new BrowserLeg({ iceServers, ...options }),
    twilio: (options) => new TwilioLeg({ telephone, ...options }),
  },
  heartbeatUrl: page.heartbeatUrl,
  onBehind: () => board.refresh(),
  onProblem: tell,
  onTick: () => {
    telephone.tick();
    nudge();
  },
});

/** The board was read: ring, speak, put the focus where the next thing is done. */
function changed(is, was) {
  if (is.replaced !== undefined) {
    replace();
    return;
  }
  draft.attach();
  script.attach();
  callerForm.follow(is.call);
  audio.follow(is);
  strip("reload", is.mustReload !== undefined);
  showPlaces();
  if (is.kind === "incoming") ring.start(word("incoming", { client: is.client }));
  else ring.stop();
  if (is.kind !== was.kind || is.call !== was.call) move(is);
}

function move(is) {
  keys.hush();
  if (is.kind === "incoming") announce(word("incoming", { client: is.client }));
  const isFormUntouched = is.kind === "wrap-up" && !draft.isTouched;
  if (!keys.isTyping || isFormUntouched) target(is.kind)?.focus();
}

/** Where the next thing is done: answer, write down who calls, close the call. */
function target(kind) {
  const form = document.getElementById("message-form");
  if (kind === "incoming") return document.getElementById("answer");
  if (kind === "call" && script.next) return script.next;
  if (kind === "call" && form) return form.elements.caller_name.value ? form.elements.text : form.elements.caller_name;
  if (kind === "wrap-up") return document.querySelector("#stage .is-likely") ?? document.querySelector("#stage .option");
  return document.getElementById("main");
}

const actions = {
  answer,
  decline: ({ call }) => post(callUrl(call, "decline")),
  hold: ({ call }) => post(callUrl(call, "hold")),
  resume: ({ call }) => post(callUrl(call, "resume")),
  write: () => keys.write(),
  faq: () => document.getElementById("faq-text").focus(),
  "edit-caller": ({ url }) => callerForm.open(url, facts().call),
  "cancel-caller": () => {
    callerForm.close();
    document.getElementById("main").focus();
  },
  end: ({ call }) => post(callUrl(call, "end")),
  close: ({ call, disposition }, button) => close(call, disposition, button),
  presence: ({ presence }) => choose(presence),
  open: ({ call }) => board.open(call),
  leave: () => board.open(""),
  "test-sound": () => test(),
  "use-window": () => location.reload(),
};

async function answer({ call, carrier, account }) {
  ring.stop();
  await draft.save();
  await audio.answer({ call, carrier, account }, () => post(callUrl(call, "claim")), () => board.refresh());
  place("microphone", word("microphoneReady"));
}

async function close(call, disposition, button) {
  const isUnsent = draft.hasText;
  await Promise.all([draft.save(), script.save()]);
  await post(callUrl(call, "close"), { disposition });
  toast(word("closed", { result: button.dataset.label }), "success");
  if (isUnsent) toast(word("unsent"), "warning");
}

async function choose(presence) {
  if (presence === "available") await test({ isQuiet: true });
  await post(page.presenceUrl, { presence });
}

async function test({ isQuiet = false } = {}) {
  if (!isQuiet) ring.test();
  try {
    await tryMicrophone();
    place("microphone", word("microphoneReady"));
  } catch (error) {
    place("microphone", word(error.reason ?? "missing"));
    if (!isQuiet) throw error;
    tell(error);
  }
}

function place(name, text) {
  places[name] = text;
  showPlaces();
}

/** What this window knows of itself has its place in a part of the page that the server renders. */
function showPlaces() {
  const texts = { "microphone-state": places.microphone || word("microphoneUnknown"), "ring-state": places.ring };
  for (const [id, text] of Object.entries(texts)) {
    const element = document.getElementById(id);
    if (element && element.textContent !== text) element.textContent = text;
  }
}

/** Whether calls from telephone numbers would be heard here; there is a place for it only where there are some. */
function showTelephone({ state, since, connected, total }) {
  const place = document.getElementById("telephone");
  if (!place) return;
  place.dataset.state = state;
  place.querySelector(".dot").className = `dot dot-${DOTS[state]}`;
  place.querySelector("[role=status]").textContent = word(`telephone.${state}`, { connected, total });
  const timer = place.querySelector("[role=timer]");
  timer.hidden = state !== "lost" && state !== "partly";
  timer.dataset.since = since;
  strip("telephone", state === "missing");
}

/** Say what went wrong, in a sentence, once. */
function tell(error) {
  if (error instanceof MicrophoneError || error instanceof TelephoneError) toast(error.sentence || word(error.reason));
  else if (error instanceof Away) toast(word("away"));
  else if (!(error instanceof Refusal)) {
    console.error(error);
    toast(word("failed"));
  } else if (error.reason === "ConsoleReplaced") replace();
  else if (error.reason === "SignedOut") signedOut(error);
  else toast(error.message || word("failed"));
}

function signedOut(error) {
  if (!isSignedOut) toast(error.message);
  isSignedOut = true;
}

async function run(button) {
  if (button.getAttribute("aria-busy") === "true") return;
  const { action } = button.dataset;
  button.setAttribute("aria-busy", "true");
  try {
    await actions[action](button.dataset, button);
  } catch (error) {
    tell(error);
  } finally {
    button.removeAttribute("aria-busy");
  }
  if (!isReplaced && action !== "use-window") await board.refresh();
}

/** The caller on hold is not forgotten. */
function nudge() {
  const { kind, state, stateSince } = facts();
  const seconds = kind === "call" && state === "held" ? Math.max(0, now() - Number(stateSince)) : 0;
  const due = Math.floor(seconds / NUDGE_EVERY_S);
  if (due > nudges) {
    ring.nudge();
    toast(word("onHold", { duration: duration(seconds) }), "warning");
  }
  nudges = due;
}

/** Another window holds the agent now: audio and stream end here, what was typed is saved. */
function replace() {
  if (isReplaced) return;
  isReplaced = true;
  draft.flush();
  script.flush();
  ring.stop();
  audio.stop();
  telephone.stop();
  stream?.close();
  strip("replaced", true);
  for (const id of ["script", "letter", "caller-form"]) document.getElementById(id).replaceChildren();
  document.getElementById("stage").replaceChildren(document.getElementById("replaced").content.cloneNode(true));
  document.getElementById("stage").dataset.kind = "idle";
  for (const id of ["status", "waiting", "open", "side", "callbar"]) document.getElementById(id).inert = true;
  document.querySelector("[data-action=use-window]").focus();
}

function hinted(hint) {
  if (hint.kind === "console") {
    if (hint.console !== consoleId) replace();
  } else if (hint.kind === "media") audio.hurry();
  else if (["queue", "inquiry"].includes(hint.kind) && facts().kind !== "incoming") board.refreshSoon();
  else board.refresh();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-action]");
  if (button && Object.hasOwn(actions, button.dataset.action) && !button.disabled) run(button);
});

document.addEventListener("submit", async (event) => {
  const { answer: url } = event.target.dataset;
  if (!url) return;
  event.preventDefault();
  try {
    await post(url, new FormData(event.target));
    event.target.reset();
    toast(word("done"), "success");
  } catch (error) {
    tell(error);
  }
  await board.refresh();
});

document.addEventListener("htmx:configRequest", ({ detail: { elt, headers: sent, parameters } }) => {
  Object.assign(sent, headers);
  const name = document.querySelector("#message-form [name=caller_name]");
  if (name && elt.matches("[data-step]")) parameters.caller_name = name.value; // part of questions as they are asked
});

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target.id === "letter" && event.detail.shouldSwap) draft.flush();
  if (event.detail.target.id === "script" && event.detail.shouldSwap) script.flush();
});

// Before the next form is put in its place: what is sent must not be restored into it.
document.addEventListener("htmx:beforeSwap", ({ detail: { requestConfig, xhr } }) => {
  if (requestConfig.elt.id === "message-form" && xhr.status === 200) draft.forget(requestConfig.elt.dataset.call);
});

document.addEventListener("htmx:afterRequest", ({ detail: { requestConfig, xhr } }) => {
  if (requestConfig.elt.matches("[data-step]")) answered(xhr);
  if (requestConfig.elt.matches("[data-caller-form]")) callerSaved(requestConfig, xhr);
  if (requestConfig.elt.id !== "message-form") return;
  if (xhr.status === 200) sent();
  else if (xhr.status === 422) invalid();
  else tell(xhr.status ? refusalOf(xhr) : new Away("message"));
});

/** A step of the script was answered: its words know the caller's name again, and the next step has the focus. */
function answered(xhr) {
  if (xhr.status !== 200 && xhr.status !== 422) {
    tell(xhr.status ? refusalOf(xhr) : new Away("answer"));
    return;
  }
  draft.attach();
  script.attach();
  (script.next ?? document.getElementById("main")).focus();
}

/** The caller was changed, or is somebody else: the message goes by the new name, if it went by the old. */
function callerSaved({ elt, triggeringEvent }, xhr) {
  if (xhr.status === 422) callerForm.focus();
  else if (xhr.status !== 200) tell(xhr.status ? refusalOf(xhr) : new Away("caller"));
  else {
    const before = document.querySelector("#side .caller-name bdi")?.textContent ?? "";
    takeName(elt.elements.name?.value.trim() ?? triggeringEvent?.submitter?.dataset.name, before);
    toast(word("done"), "success");
    document.getElementById("main").focus();
    board.refresh();
  }
}

function sent() {
  script.note("write");
  draft.attach();
  toast(word("sent"), "success");
  board.refresh().then(() => target(facts().kind === "call" ? "idle" : facts().kind)?.focus());
}

function invalid() {
  draft.attach();
  document.querySelector("#message-form [aria-invalid=true]")?.focus();
}

function refusalOf(xhr) {
  try {
    return new Refusal(xhr.status, JSON.parse(xhr.responseText));
  } catch {
    return new Refusal(xhr.status);
  }
}

addEventListener("pagehide", () => {
  if (isReplaced) return;
  draft.flush();
  script.flush();
  audio.sayFarewell();
});

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

onReach((isThere) => strip("away", !isThere));

/** Hold the agent, then live on hints; a server that is just restarting is asked until it is back. */
async function begin() {
  try {
    await post(page.openUrl);
  } catch (error) {
    if (!(error instanceof Away)) tell(error);
    setTimeout(begin, 1_000);
    return;
  }
  audio.start();
  stream = connectStream({
    ticketUrl: page.ticketUrl,
    headers,
    onReady: () => board.refresh(),
    onHint: hinted,
    onState: (state) => strip("slow", state === "polling"),
  });
  document.documentElement.dataset.ready = "";
}

async function lookAtMicrophone() {
  const permission = await navigator.permissions.query({ name: "microphone" });
  if (permission.state === "granted" && !places.microphone) place("microphone", word("microphoneReady"));
}

showPlaces();
lookAtMicrophone().catch(() => {}); // not every browser tells; the test of the headset does
begin();
