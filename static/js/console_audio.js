// The agent's side of the call's audio, and the console's signs of life.
//
// The board's facts decide: which call, which generation. The audio between the two pages outlives a dead server.

import { Away, Refusal, callUrl, consoleId, farewell, getJson, post } from "./console_link.js";
import { MicrophoneError, Voice, startTicker } from "./voice.js";

const TICK_MS = 250;
const HEARTBEAT_MS = 5_000;
const MEASURE_MS = 1_000;
const ASK_ANSWER_MS = 1_000;
const BROKEN_LIMIT_MS = 3_000;
const RENEWAL_PAUSE_MS = 6_000;
const SECOND_TRY_MS = 1_000;
const LIVE = new Set(["connecting", "talking", "held", "transferring"]);

const now = () => performance.now();

export class CallAudio {
  #iceServers;
  #heartbeatUrl;
  #onBehind;
  #onProblem;
  #onTick;
  #voice = null;
  #facts = { call: "", state: "", generation: 0 };
  #claimed = ""; // the call whose audio is this window's
  #claiming = "";
  #offer = null; // {generation, sdp, isSent, isAnswered}
  #packets = 0;
  #reported = 0;
  #at = { beat: 0, measured: 0, asked: 0, broken: 0, renewed: -RENEWAL_PAUSE_MS };
  #busy = new Set();
  #stopTicker = null;

  /**
   * `onBehind()`: the server knows more than the board shows. `onProblem(error)`: for the agent to hear of.
   * `onTick()`: four times a second, also in a hidden window.
   */
  constructor({ iceServers, heartbeatUrl, onBehind, onProblem, onTick }) {
    this.#iceServers = iceServers;
    this.#heartbeatUrl = heartbeatUrl;
    this.#onBehind = onBehind;
    this.#onProblem = onProblem;
    this.#onTick = onTick;
  }

  start() {
    this.#stopTicker ??= startTicker(TICK_MS, () => this.#tick());
  }

  /** Everything ends here: another window took over. */
  stop() {
    this.#stopTicker?.();
    this.#stopTicker = null;
    this.#drop();
  }

  get #isLive() {
    return LIVE.has(this.#facts.state);
  }

  /**
   * Open the microphone, claim by `claim()`, then let the board `settle()`. Whoever cannot speak must not take a call.
   */
  async answer(call, claim, settle) {
    const voice = this.#newVoice();
    await voice.openMicrophone();
    this.#claiming = this.#claimed = call;
    try {
      const { state, generation } = await claim();
      this.#drop();
      this.#voice = voice;
      this.#take({ call, state, generation });
      await settle();
    } catch (error) {
      if (this.#voice !== voice) {
        this.#claimed = "";
        voice.close();
      }
      throw error;
    } finally {
      this.#claiming = "";
    }
  }

  /** Go by the board. A live call that this window did not claim was another page's: the next tick makes it ours. */
  follow({ kind, call, state, generation }) {
    if (this.#claiming && (kind !== "call" || call === this.#claiming)) return; // read before the claim was known
    if (kind !== "call") {
      if (this.#facts.call) this.#leave();
      return;
    }
    const isOlder = call === this.#facts.call && Number(generation) < this.#facts.generation;
    if (!isOlder) this.#take({ call, state, generation: Number(generation) });
  }

  /** The caller's answer may be there. */
  hurry() {
    this.#at.asked = 0;
    this.#connect();
  }

  /** The page is going away. */
  sayFarewell() {
    if (this.#isLive) farewell(callUrl(this.#facts.call, "leaving"));
  }

  #newVoice() {
    const voice = new Voice({
      iceServers: this.#iceServers,
      onState: (state) => voice === this.#voice && this.#noteConnection(state),
    });
    return voice;
  }

  #take(facts) {
    if (this.#facts.call && facts.call !== this.#facts.call) this.#drop();
    this.#facts = facts;
    this.#voice ??= this.#newVoice();
    this.#voice.setMicrophoneMuted(facts.state === "held");
    this.#voice.setRemoteMuted(facts.state === "held");
    this.#connect();
  }

  #leave() {
    this.#facts = { call: "", state: "", generation: 0 };
    this.#claimed = "";
    this.#drop();
  }

  #drop() {
    this.#voice?.close();
    this.#voice = null;
    this.#forget();
  }

  #forget() {
    this.#offer = null;
    this.#packets = this.#reported = 0;
    this.#at.broken = 0;
    document.body.dataset.packets = "0";
  }

  #noteConnection(state) {
    if (state === "connected") this.#at.broken = 0;
    else if (state === "failed") this.#at.broken = now() - BROKEN_LIMIT_MS;
    else if (state === "disconnected") this.#at.broken ||= now();
  }

  #tick() {
    this.#measure();
    const isNewlyHeard = this.#facts.state === "connecting" && this.#heard() > 0 && this.#reported !== this.#facts.generation;
    if (isNewlyHeard || now() - this.#at.beat >= HEARTBEAT_MS) this.#beat();
    if (this.#isLive) {
      this.#connect();
      if (this.#claimed !== this.#facts.call) this.#renew();
      else if (this.#at.broken && now() - this.#at.broken >= BROKEN_LIMIT_MS) this.#renew();
    }
    this.#onTick();
  }

  #heard() {
    return this.#offer?.isAnswered && this.#offer.generation === this.#facts.generation ? this.#packets : 0;
  }

  #measure() {
    const isDue = this.#facts.state === "connecting" || now() - this.#at.measured >= MEASURE_MS;
    if (!this.#isLive || !this.#voice || !isDue) return;
    this.#at.measured = now();
    this.#once("measure", async () => {
      this.#packets = (await this.#voice?.packetsReceived()) ?? 0;
      document.body.dataset.packets = String(this.#packets);
    });
  }

  #beat() {
    this.#once("beat", async () => {
      this.#at.beat = now();
      const { call, state, generation } = this.#facts;
      const packets = this.#heard();
      const ofCall = this.#isLive ? { call, generation, packets } : {};
      const answer = await post(this.#heartbeatUrl, { console_id: consoleId, ...ofCall });
      if (packets) this.#reported = generation;
      if (ofCall.call && (answer.state !== state || answer.generation !== generation)) this.#onBehind();
    });
  }

  // One description per generation, sent until it arrived; then the caller's answer is asked for.
  #connect() {
    if (!this.#isLive || this.#claimed !== this.#facts.call) return;
    this.#once("connect", async () => {
      const { call, generation } = this.#facts;
      if (this.#offer?.generation !== generation) {
        const sdp = await this.#voice.makeOffer(generation);
        this.#offer = { generation, sdp, isSent: false, isAnswered: false };
      }
      const offer = this.#offer;
      const media = `${callUrl(call, "media")}/${generation}`;
      if (!offer.isSent) {
        await post(`${media}/offer`, { sdp: offer.sdp });
        offer.isSent = true;
      }
      if (offer.isAnswered || now() - this.#at.asked < ASK_ANSWER_MS) return;
      this.#at.asked = now();
      const answer = await getJson(`${media}/answer`);
      if (!answer || offer !== this.#offer) return;
      await this.#voice.acceptAnswer(generation, answer.sdp);
      offer.isAnswered = true;
    });
  }

  #renew() {
    if (now() - this.#at.renewed < RENEWAL_PAUSE_MS) return;
    this.#once("renew", async () => {
      this.#at.renewed = now();
      const { call } = this.#facts;
      const renewed = await post(callUrl(call, "rejoin"));
      if (this.#facts.call !== call) return;
      this.#claimed = call;
      this.#at.broken = 0;
      this.#take({ call, state: renewed.state, generation: renewed.generation });
      this.#onBehind();
    });
  }

  async #once(name, act) {
    if (this.#busy.has(name)) return;
    this.#busy.add(name);
    try {
      await act();
    } catch (error) {
      this.#judge(name, error);
    } finally {
      this.#busy.delete(name);
    }
  }

  #judge(name, error) {
    if (name === "renew") this.#at.renewed = now() - RENEWAL_PAUSE_MS + SECOND_TRY_MS;
    if (error instanceof Away || error.name === "AbortError") return; // tried again by the next tick
    if (error instanceof MicrophoneError) this.#onProblem(error);
    else if (error instanceof Refusal && error.reason === "ConsoleReplaced") this.#onProblem(error);
    else if (error instanceof Refusal) this.#onBehind();
    else {
      console.error(name, error);
      this.#at.broken ||= now();
    }
  }
}

/** Ask for the microphone at a calm moment, so that no call waits for the browser's question. Throws MicrophoneError. */
export async function tryMicrophone() {
  const voice = new Voice({});
  try {
    await voice.openMicrophone();
  } finally {
    voice.close();
  }
}
