// The link to the server: sends fragments in order, keeps each until it is acknowledged, and comes back when lost.

const PROTO = 1;
const HEADER_BYTES = 12;
const RETRY_MS = 500;
const READY_MS = 15_000;

/**
 * One film's link. Calls `on.up(again)`, `on.down()`, `on.ack(ack)`, `on.stop()` and once `on.over(how)`, where `how`
 * is {saved}, {refused: why}, {stopped: why} or {fault: why}.
 */
export class Link {
  #hello;
  #on;
  #token;
  #part = 1;
  #socket = null;
  #ready = false;
  #over = false;
  #init = null;
  #held = [];
  #sequence = 0;
  #position = 0;
  #end = null;
  heldBytes = 0;

  constructor(token, hello, on) {
    this.#token = token;
    this.#hello = hello;
    this.#on = on;
  }

  /** When the oldest unacknowledged fragment was made (performance.now), or null. */
  get oldest() {
    return this.#held[0]?.made ?? null;
  }

  /** The time in the film, in seconds, up to which everything made so far is on the disk. */
  safeUntil(now) {
    return this.#held[0]?.seconds ?? now;
  }

  /** The newest token that the server gave. */
  get next() {
    return this.#token;
  }

  get up() {
    return this.#ready;
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
    const ptsBase = this.#held[0]?.seconds ?? 0;
    return { type: 'hello', proto: PROTO, token: this.#token, part: this.#part, ptsBase, ...this.#hello };
  }

  #hear(socket, message, late) {
    if (socket !== this.#socket) return;
    switch (message.type) {
      case 'ready': clearTimeout(late); return this.#begin(message);
      case 'ack': return this.#acknowledged(message);
      case 'stop': return this.#on.stop();
      case 'closed': return this.#finish({ saved: true });
      case 'refused': return this.#finish({ refused: message.why });
      case 'stopped': return this.#finish({ stopped: message.why });
      case 'fault': return this.#finish({ fault: message.why });
    }
  }

  #begin(ready) {
    this.#forget((fragment) => fragment.end !== null && fragment.end <= (ready.kept ?? -1));
    const again = this.#part > 1;
    this.#token = ready.next;
    this.#part += 1;
    this.#sequence = 0;
    this.#position = 0;
    this.#ready = true;
    if (this.#init) this.#transmit(this.#init);
    for (const fragment of this.#held) this.#sendFragment(fragment);
    if (this.#end) this.#sendEnd();
    this.#on.up(again);
  }

  #closed(socket) {
    if (this.#over || socket !== this.#socket) return;
    const wasUp = this.#ready;
    this.#ready = false;
    if (this.#part === 1) return this.#finish({ refused: 'unreachable' });
    if (wasUp) this.#on.down();
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

  sendInit(bytes) {
    this.#init = bytes;
    if (this.#ready) this.#transmit(bytes);
  }

  sendFragment(bytes, seconds) {
    const fragment = { bytes, seconds, made: performance.now(), sequence: null, end: null };
    this.#held.push(fragment);
    this.heldBytes += bytes.byteLength;
    if (this.#ready) this.#sendFragment(fragment);
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

  #forget(isSafe) {
    while (this.#held.length && isSafe(this.#held[0])) this.heldBytes -= this.#held.shift().bytes.byteLength;
  }

  /** Sends the quality record; lost ones do not matter, the newest says everything. */
  note(quality) {
    if (this.#ready && !this.#end) this.#socket.send(JSON.stringify({ type: 'stats', ...quality }));
  }

  /** Says that everything has been sent; it is said again after a lost link. */
  end(frames, quality) {
    this.#end = { frames, quality };
    if (this.#ready) this.#sendEnd();
  }

  #sendEnd() {
    this.#socket.send(JSON.stringify({ type: 'end', bytes: this.#position, ...this.#end }));
  }
}
