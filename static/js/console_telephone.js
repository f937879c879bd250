// This window as a telephone: Twilio's Voice SDK, one Device for each account whose calls may come here.
//
// What a Device says of itself decides only whether a call may be claimed, and what the agent sees: one that calls
// itself registered may long have been forgotten. That an agent is there the server learns from the page's heartbeats
// and from the call's conference. Wherever there is doubt a Device is replaced by a new one, unless it is in a call.

import { Away, Refusal, post } from "./console_link.js";
import { now as epochSecond } from "./ui.js";

const READY_WITHIN_MS = 5_000;
const CONNECTING_MS = 10_000; // so long a telephone without connection is said to be connecting
const STUCK_MS = 30_000;
const ASLEEP_MS = 20_000; // no tick for so long: the machine slept
const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

// Twilio: "Error and Warning Dictionary"; the token is invalid, expired, wrongly signed, of no account, or too long-lived.
const TOKEN_REFUSED = new Set([20101, 20104, 20151, 31202, 31203, 31204, 31205, 31207]);

const OPTIONS = {
  allowIncomingWhileBusy: true, // sound of a newer generation comes while the older one breaks off
  appName: "Alio",
  codecPreferences: ["opus", "pcmu"], // Opus bears lost packets
  logLevel: "silent",
  maxCallSignalingTimeoutMs: 15_000, // as long as the server waits for a silent page
  tokenRefreshMs: 300_000,
};

const now = () => performance.now();

/** Nobody would hear the agent. `reason` is "telephoneNew", "telephoneMissing" or "telephoneAway"; `sentence` is the server's, if any. */
export class TelephoneError extends Error {
  constructor(reason, sentence = "") {
    super(reason);
    this.name = "TelephoneError";
    this.reason = reason;
    this.sentence = sentence;
  }
}

export class Telephone {
  #sdkUrl;
  #tokenUrl;
  #onState;
  #onProblem;
  #handsets = new Map(); // by account
  #legs = new Map(); // by call
  #waiting = new Set();
  #refused = ""; // why the server gives no tokens
  #isStopped = false;
  #isAsking = false;
  #asksAt = 0;
  #asked = 0;
  #tickedAt = Date.now();
  #lost = { at: now(), since: epochSecond() }; // since when not every Device has been registered
  #said = "";

  /**
   * `onState({state, since, connected, total})` hears "missing", "connecting", "connected", "partly" and "lost";
   * `onProblem(error)` what is for the agent to hear. Nothing happens without `tick()`.
   */
  constructor({ sdkUrl, tokenUrl, onState, onProblem }) {
    this.#sdkUrl = sdkUrl;
    this.#tokenUrl = tokenUrl;
    this.#onState = onState;
    this.#onProblem = onProblem;
    addEventListener("online", () => this.#doubt());
  }

  /** To be called several times a second, in a hidden window too. */
  tick() {
    if (this.#isStopped) return;
    if (Date.now() - this.#tickedAt > ASLEEP_MS) this.#doubt();
    this.#tickedAt = Date.now();
    for (const handset of this.#handsets.values()) handset.look();
    if (this.#sdkUrl && this.#needsTokens && now() >= this.#asksAt) this.#ask();
    this.#answerWaiting();
    this.#tell();
  }

  /** Another window took over: nothing rings here any more. */
  stop() {
    this.#isStopped = true;
    for (const handset of this.#handsets.values()) handset.hangUp();
    this.#handsets.clear();
    for (const { reject } of this.#waiting) reject(new Refusal(409, { reason: "ConsoleReplaced" }));
    this.#waiting.clear();
  }

  /** Resolves once this account's calls could be heard here; rejects with TelephoneError after 5 s. */
  ready(account) {
    if (!this.#tokenUrl) return Promise.reject(new TelephoneError("telephoneNew"));
    if (!this.#sdkUrl) return Promise.reject(new TelephoneError("telephoneMissing"));
    if (!this.#isConnected(account)) this.#asksAt = 0;
    return new Promise((resolve, reject) => {
      this.#waiting.add({ account, resolve, reject, until: now() + READY_WITHIN_MS });
      this.#answerWaiting();
    });
  }

  /** From now on sound of this leg's call rings there: `leg.ring(generation, audio)`. */
  attach(leg) {
    this.#legs.set(leg.call, leg);
  }

  detach(leg) {
    if (this.#legs.get(leg.call) === leg) this.#legs.delete(leg.call);
  }

  get #needsTokens() {
    const isUnknown = ({ account }) => !this.#handsets.has(account); // cleared for since the last tokens
    if (this.#handsets.size === 0 || [...this.#waiting].some(isUnknown)) return true;
    return [...this.#handsets.values()].some((handset) => handset.needsToken);
  }

  #isConnected(account) {
    return Boolean(this.#handsets.get(account)?.isConnected);
  }

  #doubt() {
    for (const handset of this.#handsets.values()) handset.doubt();
    this.#asksAt = this.#asked = 0;
  }

  async #ask() {
    if (this.#isAsking) return;
    this.#isAsking = true;
    if (now() - this.#asksAt > LONGEST_PAUSE_MS) this.#asked = 0; // it has been quiet
    try {
      await loadSdk(this.#sdkUrl);
      const { tokens } = await post(this.#tokenUrl);
      this.#refused = "";
      if (!this.#isStopped) this.#supply(tokens);
    } catch (error) {
      this.#judge(error);
    } finally {
      this.#isAsking = false;
      this.#asksAt = now() + Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** this.#asked++);
    }
  }

  #judge(error) {
    if (error instanceof Refusal) this.#refused = error.message;
    else if (!(error instanceof Away)) console.warn("telephone", error);
    if (["ConsoleReplaced", "SignedOut"].includes(error.reason)) this.#onProblem(error);
  }

  #supply(tokens) {
    const accounts = new Set(tokens.map((each) => each.account));
    for (const [account, handset] of this.#handsets) {
      if (accounts.has(account) || handset.isBusy) continue;
      handset.hangUp();
      this.#handsets.delete(account);
    }
    for (const { account, token } of tokens) {
      if (!this.#handsets.has(account)) this.#handsets.set(account, new Handset((audio) => this.#ring(audio)));
      this.#handsets.get(account).supply(token);
    }
  }

  // A sound that no call of this window's waits for is let be, not rejected: that would end it for the window too
  // which has taken over from this one, and rings under the same name.
  #ring(audio) {
    const [call, generation] = ["call", "generation"].map((name) => audio.customParameters.get(name));
    const leg = this.#legs.get(call);
    if (leg) leg.ring(Number(generation), audio);
    else audio.ignore();
  }

  #answerWaiting() {
    for (const each of this.#waiting) {
      const { account, resolve, reject, until } = each;
      if (this.#isConnected(account)) resolve();
      else if (now() >= until) reject(new TelephoneError("telephoneAway", this.#refused));
      else continue;
      this.#waiting.delete(each);
    }
  }

  #tell() {
    const total = this.#handsets.size;
    const connected = [...this.#handsets.values()].filter((handset) => handset.isConnected).length;
    if (total && connected === total) this.#lost = null;
    else this.#lost ??= { at: now(), since: epochSecond() };
    const said = { state: this.#state(connected), since: this.#lost?.since ?? 0, connected, total };
    if (JSON.stringify(said) === this.#said) return;
    this.#said = JSON.stringify(said);
    this.#onState(said);
  }

  #state(connected) {
    if (!this.#sdkUrl) return "missing";
    if (!this.#lost) return "connected";
    if (now() - this.#lost.at < CONNECTING_MS) return "connecting";
    return connected ? "partly" : "lost";
  }
}

/** One account's Device, and what is known of it. */
class Handset {
  #onRing;
  #device = null;
  #isExpiring = false;
  #isRefused = false;
  #isDoubtful = false;
  #since = now(); // when this Device was made, or last seen registered

  constructor(onRing) {
    this.#onRing = onRing;
  }

  get isConnected() {
    return this.#device?.state === "registered" && !this.#isRefused && (!this.#isDoubtful || this.isBusy);
  }

  get needsToken() {
    if (!this.#device || this.#isExpiring || this.#isRefused) return true;
    return !this.isBusy && (this.#isDoubtful || now() - this.#since >= STUCK_MS);
  }

  look() {
    if (this.isConnected) this.#since = now();
  }

  // A call that was let be stays in the SDK's list until Twilio ends it, but is not pending any more.
  get isBusy() {
    return Boolean(this.#device) && (this.#device.isBusy || this.#device.calls.some((audio) => audio.status() === "pending"));
  }

  /** It may have lost its connection without knowing. */
  doubt() {
    this.#isDoubtful = true;
  }

  /** A fresh token, used only if one is needed. */
  supply(token) {
    if (!this.needsToken) return;
    if (this.isConnected || this.isBusy) this.#device.updateToken(token);
    else this.#replace(token);
    this.#isDoubtful = this.isBusy && (this.#isRefused || this.#isDoubtful); // replaced once it is free
    this.#isExpiring = this.#isRefused = false;
  }

  hangUp() {
    const device = this.#device;
    this.#device = null;
    device?.destroy();
  }

  #replace(token) {
    this.hangUp();
    const device = (this.#device = new window.Twilio.Device(token, OPTIONS));
    this.#since = now();
    device.on("incoming", (audio) => this.#onRing(audio));
    device.on("tokenWillExpire", () => this.#isExpiring ||= device === this.#device);
    device.on("error", (error) => this.#hear(device, error));
    for (const sound of ["incoming", "outgoing", "disconnect"]) device.audio?.[sound](false); // the console rings
    device.register().catch(() => {}); // its state tells
  }

  #hear(device, error) {
    if (device !== this.#device || !TOKEN_REFUSED.has(error.code)) return;
    console.warn("telephone", error.code);
    this.#isRefused = true;
  }
}

let loading = null;

/** Load the SDK, which defines `window.Twilio`; once it is there, again costs nothing. */
function loadSdk(url) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => {
      script.remove();
      loading = null;
      reject(new Away("The Voice SDK could not be loaded."));
    });
    document.head.append(script);
  });
  return loading;
}
