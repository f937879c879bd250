// One side's audio of a browser call, for the caller's page and the agent's console alike.
//
// Descriptions are exchanged whole, not candidate by candidate (RFC 8829, "non-trickle"). Every new connection is a
// new generation; whatever belongs to an older one is dropped.

const GATHERING_LIMIT_MS = 2000;
export const TALK = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

// What getUserMedia says (W3C Media Capture, section 10.2), as a person can act on it.
const REASONS = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotReadableError: "busy",
  AbortError: "busy",
};

/** There is no microphone for us. `reason` is "refused", "missing" or "busy". */
export class MicrophoneError extends Error {
  constructor(reason, cause) {
    super(`The microphone is ${reason}.`, { cause });
    this.name = "MicrophoneError";
    this.reason = reason;
  }
}

/** A newer generation has taken over while this one was being prepared; nothing is wrong. */
const superseded = () => new DOMException("A newer generation has taken over.", "AbortError");

export class Voice {
  #iceServers;
  #onState;
  #microphone = null;
  #opening = null;
  #connection = null;
  #generation = 0;
  #sound = new Audio();
  #microphoneMuted = false;
  #closed = false;

  /** `onState` hears "connecting", "connected", "disconnected", "failed" and "closed" of the newest connection. */
  constructor({ iceServers = [], onState = () => {} } = {}) {
    this.#iceServers = iceServers;
    this.#onState = onState;
    this.#sound.autoplay = true;
  }

  /** The generation of the newest connection; 0 before the first. */
  get generation() {
    return this.#generation;
  }

  /** Ask for the microphone; once it is open, again costs nothing. Throws MicrophoneError. */
  async openMicrophone() {
    if (this.#microphone?.active) return;
    this.#opening ??= this.#askForMicrophone().finally(() => { this.#opening = null; });
    await this.#opening;
  }

  /** The agent's description of a new connection, which closes an older one. */
  async makeOffer(generation) {
    const connection = await this.#open(generation);
    await connection.setLocalDescription(await connection.createOffer());
    return this.#gathered(connection);
  }

  /** The caller's answer to `makeOffer`; one to an older or an already answered offer is dropped. */
  async acceptAnswer(generation, sdp) {
    const connection = this.#connection;
    if (generation !== this.#generation || connection?.signalingState !== "have-local-offer") return;
    await connection.setRemoteDescription({ type: "answer", sdp });
  }

  /** The caller's description in answer to the agent's, for a new connection, which closes an older one. */
  async answerOffer(generation, sdp) {
    const connection = await this.#open(generation);
    await connection.setRemoteDescription({ type: "offer", sdp });
    await connection.setLocalDescription(await connection.createAnswer());
    return this.#gathered(connection);
  }

  /** How many packets of sound the current connection has received; 0 without one. */
  async packetsReceived() {
    let packets = 0;
    for (const report of await this.#reports()) {
      if (report.type === "inbound-rtp" && report.kind === "audio") packets += report.packetsReceived ?? 0;
    }
    return packets;
  }

  /** How loud the microphone is, from 0 to 1, as the other side gets it; 0 without a connection. */
  async microphoneLevel() {
    for (const report of await this.#reports()) {
      if (report.type === "media-source" && report.kind === "audio") return report.audioLevel ?? 0;
    }
    return 0;
  }

  setMicrophoneMuted(isMuted) {
    this.#microphoneMuted = isMuted;
    for (const track of this.#microphone?.getAudioTracks() ?? []) track.enabled = !isMuted;
  }

  setRemoteMuted(isMuted) {
    this.#sound.muted = isMuted;
  }

  /** Drop the connection; the microphone stays open for the next one. */
  closeConnection() {
    const connection = this.#connection;
    this.#connection = null;
    this.#sound.srcObject = null;
    if (!connection) return;
    connection.close();
    this.#onState("closed");
  }

  /** Drop everything; the browser's sign of an open microphone goes out. */
  close() {
    this.#closed = true;
    this.closeConnection();
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    this.#microphone = null;
  }

  async #askForMicrophone() {
    if (!navigator.mediaDevices?.getUserMedia) throw new MicrophoneError("missing");
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: TALK });
    } catch (error) {
      throw new MicrophoneError(REASONS[error.name] ?? "missing", error);
    }
    if (this.#closed) {
      for (const track of stream.getTracks()) track.stop();
      throw superseded();
    }
    this.#microphone = stream;
    this.setMicrophoneMuted(this.#microphoneMuted);
    for (const track of stream.getAudioTracks()) track.addEventListener("ended", () => this.#replaceMicrophone());
  }

  // A headset was pulled out: go on with whatever microphone there is now.
  async #replaceMicrophone() {
    if (this.#closed) return;
    try {
      await this.openMicrophone();
    } catch {
      return; // none; the other side hears nothing until one is plugged in and the page asks again
    }
    const [track] = this.#microphone.getAudioTracks();
    for (const sender of this.#connection?.getSenders() ?? []) await sender.replaceTrack(track);
  }

  async #open(generation) {
    this.closeConnection();
    this.#generation = generation;
    await this.openMicrophone();
    if (this.#closed || this.#generation !== generation) throw superseded();
    const connection = new RTCPeerConnection({ iceServers: this.#iceServers, bundlePolicy: "max-bundle" });
    this.#connection = connection;
    connection.addEventListener("connectionstatechange", () => this.#tell(connection));
    connection.addEventListener("track", (event) => this.#play(connection, event));
    for (const track of this.#microphone.getAudioTracks()) connection.addTrack(track, this.#microphone);
    return connection;
  }

  #tell(connection) {
    if (connection !== this.#connection) return;
    const state = connection.connectionState;
    this.#onState(state === "new" ? "connecting" : state);
  }

  #play(connection, event) {
    if (connection !== this.#connection) return;
    this.#sound.srcObject = event.streams[0] ?? new MediaStream([event.track]);
    // Refused without a click on this page, as after a reload: the next click starts it.
    this.#sound.play().catch(() => {
      document.addEventListener("click", () => this.#sound.play().catch(() => {}), { once: true });
    });
  }

  async #gathered(connection) {
    if (connection.iceGatheringState !== "complete") {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, GATHERING_LIMIT_MS);
        connection.addEventListener("icegatheringstatechange", () => {
          if (connection.iceGatheringState !== "complete") return;
          clearTimeout(timer);
          resolve();
        });
      });
    }
    if (connection !== this.#connection) throw superseded();
    return connection.localDescription.sdp;
  }

  async #reports() {
    if (!this.#connection) return [];
    return [...(await this.#connection.getStats()).values()];
  }
}

/** Call `tick` every so many milliseconds, also while the page is hidden; gives the function that ends it. */
export function startTicker(everyMs, tick) {
  let worker;
  try {
    worker = new Worker(new URL("./ticker.js", import.meta.url));
  } catch {
    const timer = setInterval(tick, everyMs);
    return () => clearInterval(timer);
  }
  worker.addEventListener("message", tick);
  worker.postMessage({ everyMs });
  return () => worker.terminate();
}
