// A call under way on the caller's page. The server's facts decide; this carries them out and reports signs of life.
//
// Facts come with the answer to every request. A hint of the stream says when to ask; without a stream
// `connectStream` has the page ask every 2 seconds. Sound between the two pages goes on while the server is away.

import { Refusal, Unreachable } from "./phone-link.js";
import { connectStream } from "./stream.js";
import { MicrophoneError, startTicker } from "./voice.js";

const TICK_MS = 250;
const HEARTBEAT_MS = 5000;
const SILENCE_MS = 3000;
const AWAY_MS = 6000;
const RENEWAL_PAUSE_MS = 10000;
const BROKEN_LIMIT_MS = 5000;
const CONNECT_PAUSE_MS = 1000;
const LIVE = new Set(["ringing", "queued", "connecting", "talking", "held", "transferring"]);
const WITH_AGENT = new Set(["connecting", "talking", "held", "transferring"]);

export class OngoingCall {
  #call;
  #link;
  #voice;
  #music;
  #onChange;
  #facts = null;
  #stopTicker = null;
  #stream = null;
  #busy = { tick: false, beat: false, connect: false, renew: false };
  #packets = 0;
  #at = { heard: 0, beat: 0, answered: 0, renewed: -RENEWAL_PAUSE_MS, broken: 0, failed: -CONNECT_PAUSE_MS };
  #reported = 0;
  #answer = null;
  #isMuted = false;

  /** `onChange` is told `{facts, isSilent, isAway}` whenever one of them changes or a second has passed. */
  constructor({ call, link, voice, music, onChange }) {
    this.#call = call;
    this.#link = link;
    this.#voice = voice;
    this.#music = music;
    this.#onChange = onChange;
  }

  get facts() {
    return this.#facts;
  }

  get isLive() {
    return LIVE.has(this.#facts?.state);
  }

  get packets() {
    return this.#packets;
  }

  /** Go on from these facts until the call is over. */
  start(facts) {
    this.#at.answered = this.#at.heard = performance.now();
    this.#at.beat = performance.now();
    this.#stopTicker = startTicker(TICK_MS, () => this.#tick());
    this.#stream = connectStream({
      ...this.#link.ticketFor(this.#call),
      onReady: () => this.#read(),
      onHint: () => this.#read(),
    });
    this.#take(facts);
  }

  /** End everything here; the server is told by whoever ends it. */
  stop() {
    this.#stopTicker?.();
    this.#stopTicker = null;
    this.#stream?.close();
    this.#music.stop();
    this.#voice.close();
    this.#facts = null;
  }

  setMuted(isMuted) {
    this.#isMuted = isMuted;
    this.#setSound();
  }

  /** `Voice` reports on its connection: one that does not mend itself is made anew. */
  noteConnection(state) {
    if (state === "connected") this.#at.broken = 0;
    else if (state === "failed") this.#at.broken = performance.now() - BROKEN_LIMIT_MS;
    else if (state === "disconnected") this.#at.broken ||= performance.now();
  }

  async #tick() {
    if (this.#busy.tick || !this.isLive) return;
    this.#busy.tick = true;
    try {
      await this.#measure();
      if (!this.isLive) return;
      this.#keepInTouch();
      this.#connect();
      this.#renewIfBroken();
      this.#setSound();
      this.#tell();
    } finally {
      this.#busy.tick = false;
    }
  }

  async #measure() {
    const packets = await this.#voice.packetsReceived();
    if (packets !== this.#packets) this.#at.heard = performance.now();
    this.#packets = packets;
  }

  #keepInTouch() {
    const now = performance.now();
    const { generation, state } = this.#facts;
    const hearsNow = state === "connecting" && this.#heardPackets() > 0 && this.#reported !== generation;
    if (hearsNow || now - this.#at.beat >= HEARTBEAT_MS) this.#beat();
  }

  #heardPackets() {
    return this.#voice.generation === this.#facts.generation ? this.#packets : 0;
  }

  async #beat() {
    if (this.#busy.beat) return;
    this.#busy.beat = true;
    const generation = this.#facts.generation;
    const packets = this.#heardPackets();
    this.#at.beat = performance.now();
    try {
      this.#take(await this.#ask("POST", "heartbeat", { generation, packets }));
      if (packets) this.#reported = generation;
    } catch (error) {
      this.#note(error);
    } finally {
      this.#busy.beat = false;
    }
  }

  async #read() {
    try {
      this.#take(await this.#ask("GET", ""));
    } catch (error) {
      this.#note(error);
    }
  }

  async #connect() {
    const { generation, has_offer: hasOffer, state } = this.#facts;
    const isAnswered = this.#answer?.generation === generation && this.#answer.isSent;
    if (this.#busy.connect || !hasOffer || !WITH_AGENT.has(state) || isAnswered) return;
    if (performance.now() - this.#at.failed < CONNECT_PAUSE_MS) return;
    this.#busy.connect = true;
    try {
      await this.#answerOffer(generation);
    } catch (error) {
      this.#at.failed = performance.now();
      this.#note(error);
    } finally {
      this.#busy.connect = false;
    }
  }

  // An answer that could not be delivered is sent again as it is: the connection behind it is waiting.
  async #answerOffer(generation) {
    if (this.#answer?.generation !== generation) {
      const offer = await this.#ask("GET", `media/${generation}/`);
      this.#answer = { generation, sdp: await this.#voice.answerOffer(generation, offer.sdp), isSent: false };
    }
    const answer = this.#answer;
    this.#take(await this.#ask("POST", `media/${generation}/answer`, { sdp: answer.sdp }));
    answer.isSent = true;
  }

  async #renewIfBroken() {
    const now = performance.now();
    const { broken, renewed } = this.#at;
    const isBroken = broken && now - broken >= BROKEN_LIMIT_MS;
    if (!isBroken || now - renewed < RENEWAL_PAUSE_MS || this.#busy.renew || !WITH_AGENT.has(this.#facts.state)) return;
    this.#busy.renew = true;
    this.#at.renewed = now;
    try {
      this.#take(await this.#ask("POST", "rejoin", {}));
      this.#at.broken = 0;
    } catch (error) {
      this.#note(error);
    } finally {
      this.#busy.renew = false;
    }
  }

  async #ask(method, what, values) {
    const answer = await this.#link.about(method, this.#call, what, values);
    this.#at.answered = performance.now();
    return answer;
  }

  // Answers may overtake each other; the ledger's version tells which is newer.
  #take(facts) {
    if (!this.#stopTicker || (this.#facts && facts.version < this.#facts.version)) return;
    this.#facts = facts;
    if (!WITH_AGENT.has(facts.state)) this.#dropConnection();
    this.#setSound();
    this.#tell();
    if (this.isLive) this.#connect();
  }

  #dropConnection() {
    this.#voice.closeConnection();
    this.#packets = 0;
    this.#at.broken = 0;
  }

  #note(error) {
    if (error instanceof Refusal && error.status === 404 && error.code === "unknown_call") {
      this.#take({ ...this.#facts, state: "closed", outcome: "failed" });
    } else if (error instanceof MicrophoneError) {
      this.#onChange({ facts: this.#facts, microphone: error.reason });
    } else if (!(error instanceof Refusal || error instanceof Unreachable || error.name === "AbortError")) {
      console.error(error);
      this.#at.broken ||= performance.now();
    }
  }

  #setSound() {
    const state = this.#facts?.state;
    const isTalking = state === "talking" || (state === "connecting" && this.#heardPackets() > 0);
    this.#voice.setRemoteMuted(!isTalking);
    this.#voice.setMicrophoneMuted(this.#isMuted || state === "held" || state === "transferring");
    if (this.isLive && !isTalking) this.#music.start();
    else this.#music.stop();
  }

  #tell() {
    const now = performance.now();
    const isSilent = now - this.#at.heard >= SILENCE_MS;
    this.#onChange({ facts: this.#facts, isSilent, isAway: now - this.#at.answered >= AWAY_MS });
  }
}
