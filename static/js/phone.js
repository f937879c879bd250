// The public page: call this line's client from the browser. Needs templates/phone/page.html.
//
// phone-screens.js shows, phone-link.js talks to the server, phone-call.js keeps a call going, voice.js carries the
// sound, music.js plays while one waits. This connects them with the person's buttons.

import { Music } from "./music.js";
import { OngoingCall } from "./phone-call.js";
import { HangUps, Link, Refusal, TabMemory, Unreachable, randomKey, takeTheOnlyCall } from "./phone-link.js";
import { prefill, show, showErrors, valuesOf } from "./phone-screens.js";
import { duration, now, tick } from "./ui.js";
import { MicrophoneError, Voice } from "./voice.js";

const RESUME_PAUSE_MS = 2000;
const MICROPHONE_SCREENS = { refused: "refused", missing: "missing", busy: "taken" };

const card = document.querySelector("[data-phone]");
const callForm = document.querySelector('[data-form="call"]');
const backForm = document.querySelector('[data-form="call-back"]');
const meter = document.querySelector("[data-level]");
const muteButton = document.querySelector('[data-action="mute"]');

const link = new Link(card.dataset.calls, document.documentElement.lang);
const hangUps = new HangUps(link);
const memory = new TabMemory(`alio-call-${card.dataset.line}`);
const music = new Music();

let attempt = null; // {key, name, number}: one press of the button, the same in every repeat
let call = null; // {id, token} of the call under way, or of the last one for its details
let ongoing = null;
let voice = null;
let letOthersIn = null;
let microphone = ""; // why there is no sound of ours in a call under way

// -- before ------------------------------------------------------------------------------------

async function begin(values) {
  if (attempt || ongoing) return;
  attempt = { key: randomKey(), ...values };
  letOthersIn = await takeTheOnlyCall();
  if (!letOthersIn) {
    attempt = null;
    show("elsewhere");
    return;
  }
  music.prime();
  await askAndPlace();
}

async function askAndPlace() {
  const mine = attempt;
  voice ??= newVoice();
  show("asking");
  try {
    await voice.openMicrophone();
  } catch (error) {
    if (mine !== attempt) return; // cancelled meanwhile
    if (!(error instanceof MicrophoneError)) throw error;
    show(MICROPHONE_SCREENS[error.reason], { when: ["no-call"] });
    return;
  }
  if (mine === attempt) await place();
}

async function place() {
  const mine = attempt;
  show("dialling");
  try {
    const facts = await link.create(card.dataset.create, mine);
    if (mine === attempt) follow({ id: facts.call, token: facts.token }, facts);
    else await hangUps.add({ id: facts.call, token: facts.token });
  } catch (error) {
    if (mine !== attempt) return;
    if (error instanceof Unreachable) show("unreachable");
    else if (error instanceof Refusal) refuse(error);
    else throw error;
  }
}

function refuse(refusal) {
  putDown();
  const { name, number } = refusal.fields;
  if (refusal.code === "line_closed") show("closed", { slots: { opening: refusal.message } });
  else if (name || number) show("idle");
  else show("busy", { slots: { message: refusal.message } });
  showErrors(callForm, refusal.fields);
}

function newVoice() {
  return new Voice({
    iceServers: JSON.parse(card.dataset.iceServers),
    onState: (state) => ongoing?.noteConnection(state),
  });
}

// -- during ------------------------------------------------------------------------------------

function follow(newCall, facts) {
  call = newCall;
  attempt = null;
  memory.write(call);
  showErrors(callForm, {});
  setMuted(false);
  ongoing = new OngoingCall({ call, link, voice, music, onChange: render });
  ongoing.start(facts);
}

function render({ facts, isSilent, isAway, microphone: problem }) {
  if (!ongoing) return;
  if (!ongoing.isLive) return finish(facts);
  if (problem) microphone = problem;
  else if (ongoing.packets) microphone = "";
  document.body.dataset.packets = ongoing.packets;
  document.body.dataset.sound = music.isPlaying ? "music" : "voice";
  const screen = microphone ? MICROPHONE_SCREENS[microphone] : screenOf(facts, { isSilent, isAway });
  show(screen, { slots: { agent: facts.agent }, when: ["call"], since: clockOf(facts) });
  document.querySelector("[data-away]").hidden = !isAway;
  tick(card);
  if (screen === "talking") voice.microphoneLevel().then((level) => { meter.value = Math.round(100 * Math.sqrt(level)); });
}

function screenOf(facts, { isSilent, isAway }) {
  if (facts.state === "ringing" || facts.state === "queued") {
    if (isAway) return "away";
    return facts.answered ? "again" : "waiting";
  }
  if (facts.state === "connecting") return facts.answered ? "reconnecting" : "waiting";
  if (isSilent) return "reconnecting";
  return facts.state === "talking" ? "talking" : "held";
}

function clockOf(facts) {
  if (facts.state === "talking") return facts.answered;
  if (facts.state === "held" || facts.state === "transferring" || facts.answered) return facts.since;
  return facts.started;
}

function setMuted(isMuted) {
  muteButton.setAttribute("aria-pressed", String(isMuted));
  ongoing?.setMuted(isMuted);
}

// -- after -------------------------------------------------------------------------------------

function putDown() {
  ongoing?.stop();
  voice?.close();
  letOthersIn?.();
  ongoing = voice = letOthersIn = attempt = null;
  microphone = "";
  memory.write(null);
  delete document.body.dataset.packets;
  delete document.body.dataset.sound;
}

function finish(facts) {
  putDown();
  if (facts.outcome === "missed" || facts.outcome === "abandoned") {
    prefill(backForm, valuesOf(callForm));
    show("lost", { slots: { number: facts.number }, when: [facts.outcome, facts.number ? "number" : "no-number"] });
  } else if (facts.outcome === "answered") {
    show("ended", { slots: { talked: duration(facts.seconds_together) } });
  } else {
    show("failed");
  }
}

// The person sees the end at once; the server hears of it now or when it is back.
async function hangUp() {
  if (!ongoing) return;
  const last = ongoing.facts;
  const outcome = last.answered ? "answered" : "abandoned";
  const ended = call;
  finish({ ...last, outcome, seconds_together: last.answered ? now() - last.answered : 0 });
  const facts = await hangUps.add(ended);
  if (facts?.outcome && !ongoing && !attempt && call === ended) finish(facts);
}

async function leaveDetails() {
  const button = backForm.querySelector("button");
  button.setAttribute("aria-busy", "true");
  try {
    const facts = await link.about("POST", call, "details", valuesOf(backForm));
    showErrors(backForm, {});
    finish(facts);
  } catch (error) {
    if (error instanceof Refusal) showErrors(backForm, Object.keys(error.fields).length ? error.fields : { number: [error.message] });
    else if (error instanceof Unreachable) showErrors(backForm, { number: [card.dataset.unreachable] });
    else throw error;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

// -- a reload during the call ------------------------------------------------------------------

async function resume(saved) {
  letOthersIn = await takeTheOnlyCall({ patient: true });
  if (!letOthersIn) {
    memory.write(null); // a copied tab: the call is the other one's
    show("elsewhere");
    return;
  }
  voice = newVoice();
  call = saved;
  await rejoin();
}

async function rejoin() {
  try {
    const facts = await link.about("POST", call, "rejoin", {});
    follow(call, facts);
    openAgain();
  } catch (error) {
    if (error instanceof Refusal && error.code !== "unknown_call") {
      finish(await link.about("GET", call, ""));
    } else if (error instanceof Refusal) {
      putDown();
      show(card.dataset.first);
    } else {
      show("away");
      setTimeout(rejoin, RESUME_PAUSE_MS);
    }
  }
}

async function openAgain() {
  try {
    await voice?.openMicrophone();
    microphone = "";
  } catch (error) {
    if (error instanceof MicrophoneError) microphone = error.reason;
  }
}

// -- the person --------------------------------------------------------------------------------

const ACTIONS = {
  back: () => show("idle"),
  cancel: () => { putDown(); show("idle"); },
  "place-again": () => place(),
  "microphone-again": () => (ongoing ? openAgain() : askAndPlace()),
  "hang-up": () => hangUp(),
  mute: () => setMuted(muteButton.getAttribute("aria-pressed") !== "true"),
};

card.addEventListener("click", (event) => {
  const button = event.target.closest("[data-action]");
  if (button) ACTIONS[button.dataset.action]();
});

callForm.addEventListener("submit", (event) => {
  event.preventDefault();
  begin(valuesOf(callForm));
});

backForm.addEventListener("submit", (event) => {
  event.preventDefault();
  leaveDetails();
});

addEventListener("pagehide", () => { if (ongoing) link.sayLeaving(call); });
// Back from the browser's cache of pages: connections are gone, begin as after a reload.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

callForm.querySelector("button").disabled = false;
hangUps.flush();
const saved = memory.read();
if (saved) resume(saved);
