// The link to the server: sends fragments in order, keeps each until it is acknowledged, and comes back when lost.

const PROTO = 1;
const HEADER_BYTES = 12;
const RETRY_MS = 500;
const READY_MS = 15_000;

/**
 * One film's link. Calls `on.up(again)`, `on.down()`, `on.ack(ack)`, `on.stop()` and once `on.over(how)`, where `how`
 * is {saved}, {refused: why}, {stopped: why} or {fault: why}.
 *
 * A film is one run of fragments after another, each with an init segment of its own: one for each take of the camera.
 * A part holds fragments of one run only; where a run is over, its part is closed and the next run goes into the next.
 */
export class Link {
  #on;
  #token;
  #part = 1;
  #socket = null;
  #ready = false;
  #over = false;
  #moving = false;
  #down = false;
  #runs = [];
  #sequence = 0;
  #position = 0;
  #noted = { frames: 0, quality: {} };
  #end = null;
  heldBytes = 0;

  constructor(token, on) {
    this.#token = token;
    this.#on = on;
  }

  /** A new run; the one before is over. Give it to `sendInit` and `sendFragment`. */
  begin(hello) {
    const run = { hello, init: null, held: [] };
    this.#runs.push(run);
    if (this.#ready) this.#moveOn();
    return run;
  }

  get #oldest() {
    return this.#runs.find(({ held }) => held.length)?.held[0];
  }

  /** When the oldest unacknowledged fragment was made (performance.now), or null. */
  get oldest() {
    return this.#oldest?.made ?? null;
  }

  /** The time in the film, in seconds, up to which everything made so far is on the disk. */
  safeUntil(now) {
    return this.#oldest?.seconds ?? now;
  }

  /** The newest token that the server gave. */
  get next() {
    return this.#token;
  }

  get up() {
    return this.#ready || this.#moving;
  }

  /** Connects; until the first `ready` a failure is final, afterwards it is tried again and again. */
  open() {
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/rec`);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    const late = setTimeout(() => socket.close(), READY_MS);
    socket.onopen = () => socket.send(JSON.stringify(this.#greeting()));
    socket.onmessage = ({ data }) => this.#hear(socket, JSON.parse(data), late);
    socket.onclose = () => {
      clearTimeout(late);
      this.#closed(socket);
    };
  }

  #greeting() {
    const [{ hello, held }] = this.#runs;
    return { type: 'hello', proto: PROTO, token: this.#token, part: this.#part, ...hello, ptsBase: held[0]?.seconds ?? hello.ptsBase };
  }

  #hear(socket, message, late) {
    if (socket !== this.#socket) return;
    switch (message.type) {
      case 'ready': clearTimeout(late); return this.#begin(message);
      case 'ack': return this.#acknowledged(message);
      case 'stop': return this.#on.stop();
      case 'closed': return this.#moving ? this.#moved() : this.#finish({ saved: true });
      case 'refused': return this.#finish({ refused: message.why });
      case 'stopped': return this.#finish({ stopped: message.why });
      case 'fault': return this.#finish({ fault: message.why });
    }
  }

  #begin(ready) {
    this.#forget((fragment) => fragment.end !== null && fragment.end <= (ready.kept ?? -1));
    this.#token = ready.next;
    this.#part += 1;
    this.#sequence = 0;
    this.#position = 0;
    this.#ready = true;
    this.#moving = false;
    this.#passOver();
    const [run] = this.#runs;
    if (run.init) this.#transmit(run.init);
    for (const fragment of run.held) this.#sendFragment(fragment);
    this.#moveOn();
    this.#up();
  }

  #up() {
    const again = this.#down;
    this.#down = false;
    if (again || this.#part === 2) this.#on.up(again);
  }

  /** Runs that are over, and safe, have no need of a part any more. */
  #passOver() {
    while (this.#runs.length > 1 && !this.#runs[0].held.length) this.#runs.shift();
  }

  /** All of the first run is sent: closes its part if another run waits, or the film if it is over. */
  #moveOn() {
    if (this.#moving) return;
    if (this.#runs.length > 1) {
      this.#moving = true;
      this.#say({ type: 'end', bytes: this.#position, ...this.#noted, more: true });
    } else if (this.#end) {
      this.#say({ type: 'end', bytes: this.#position, ...this.#end });
    }
  }

  /** The part of a run that is over is closed, with everything in it: on to the next. */
  #moved() {
    this.#forget(() => true);
    this.#runs.shift();
    this.#ready = false;
    this.#socket.close();
    this.open();
  }

  #closed(socket) {
    if (this.#over || socket !== this.#socket) return;
    this.#ready = false;
    this.#moving = false;
    if (this.#part === 1) return this.#finish({ refused: 'unreachable' });
    if (!this.#down) {
      this.#down = true;
      this.#on.down();
    }
    setTimeout(() => this.#over || this.open(), RETRY_MS);
  }

  /** Ends the link for good, though not everything is safe. */
  giveUp() {
    this.#finish({ refused: 'unreachable' });
  }

  #finish(how) {
    if (this.#over) return;
    this.#over = true;
    this.#ready = false;
    this.#socket.close();
    this.#on.over(how);
  }

  sendInit(run, bytes) {
    run.init = bytes;
    if (this.#sends(run)) this.#transmit(bytes);
  }

  sendFragment(run, bytes, seconds) {
    const fragment = { bytes, seconds, made: performance.now(), sequence: null, end: null };
    run.held.push(fragment);
    this.heldBytes += bytes.byteLength;
    if (this.#sends(run)) this.#sendFragment(fragment);
  }

  /** Whether what a run makes goes out at once: not while its part is being opened or closed. */
  #sends(run) {
    return this.#ready && !this.#moving && run === this.#runs[0];
  }

  #sendFragment(fragment) {
    this.#transmit(fragment.bytes);
    fragment.sequence = this.#sequence;
    fragment.end = this.#position;
  }

  #transmit(bytes) {
    const message = new Uint8Array(HEADER_BYTES + bytes.byteLength);
    const header = new DataView(message.buffer);
    this.#sequence += 1;
    header.setUint32(0, this.#sequence);
    header.setBigUint64(4, BigInt(this.#position));
    message.set(bytes, HEADER_BYTES);
    this.#socket.send(message);
    this.#position += bytes.byteLength;
  }

  #acknowledged(ack) {
    this.#forget((fragment) => fragment.sequence !== null && fragment.sequence <= ack.seq);
    this.#on.ack(ack);
  }

  /** Only the first run has fragments that were sent. */
  #forget(isSafe) {
    const [{ held }] = this.#runs;
    while (held.length && isSafe(held[0])) this.heldBytes -= held.shift().bytes.byteLength;
  }

  /** Sends the quality record; lost ones do not matter, the newest says everything. */
  note(frames, quality) {
    this.#noted = { frames, quality };
    if (this.#ready && !this.#moving && !this.#end) this.#say({ type: 'stats', ...quality });
  }

  /** Says that everything has been sent; it is said again after a lost link. */
  end(frames, quality) {
    this.#end = { frames, quality };
    if (this.#ready) this.#moveOn();
  }

  #say(message) {
    this.#socket.send(JSON.stringify(message));
  }
}
