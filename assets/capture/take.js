// One take: one run of the camera, from its opening to its end, with its encoder and what was counted of it.

import { closeCamera, idsOfStream, settingsOf } from './camera.js';
import { Encoder } from './encoder.js';

const FINISH_MS = 10_000;

/**
 * Calls `on.init(bytes)`, `on.fragment(bytes, seconds)`, `on.failed(kind)` and `on.ended(kind)`, the kind being
 * "picture" or "sound", and `on.event(name)`. `first` is the first take of the film, or null for itself.
 */
export class Take {
  stream;
  size;
  /** The ids of its devices; those of a track that has ended may not be told any more. */
  ids;
  #encoder;
  #track;
  #before = null;
  #frozen = null;
  #finishing = null;
  #fragments = 0;
  #on;
  #listening = new AbortController();

  constructor(stream, codecs, bitrate, first, on) {
    this.stream = stream;
    this.ids = idsOfStream(stream);
    [this.#track] = stream.getVideoTracks();
    this.#on = on;
    this.#encoder = new Encoder(stream, codecs, bitrate, first?.began ?? null, this.#sizeAs(first), {
      ...on,
      fragment: (bytes, seconds) => {
        this.#fragments += 1;
        on.fragment(bytes, seconds);
      },
    });
  }

  /** The first take's pictures have the camera's own size, all others theirs; null when that is the camera's own too. */
  #sizeAs(first) {
    const { width, height } = this.#track.getSettings();
    this.size = first?.size ?? { width, height };
    return this.size.width === width && this.size.height === height ? null : this.size;
  }

  /** What the server is told of it. */
  describe(codecs) {
    const { width, height } = this.size;
    const used = this.stream.getAudioTracks().length ? [codecs.video, codecs.audio] : [codecs.video];
    return { mime: 'video/mp4', codecs: used, w: width, h: height, settings: settingsOf(this.stream), startedAt: Date.now() };
  }

  start() {
    const { signal } = this.#listening;
    const [sound] = this.stream.getAudioTracks();
    for (const [track, kind] of [[this.#track, 'picture'], [sound, 'sound']]) {
      track?.addEventListener('ended', () => this.#on.ended(kind), { signal });
      track?.addEventListener('mute', () => this.#on.event(`${kind}-muted`), { signal });
      track?.addEventListener('unmute', () => this.#on.event(`${kind}-back`), { signal });
    }
    return this.#encoder.start();
  }

  get hasSound() {
    return this.#encoder.hasSound;
  }

  /** Whether the camera has ended, whatever else went wrong because of it. */
  get isOver() {
    return this.#track.readyState === 'ended';
  }

  /** Whether anything at all was made of it. */
  get hasFragments() {
    return this.#fragments > 0;
  }

  /** When its first sample came (performance.now), or null. */
  get began() {
    return this.#encoder.began;
  }

  /** How many packets of sound were encoded. */
  get heard() {
    return this.#encoder.counts.heard;
  }

  closeSound() {
    this.#encoder.closeSound();
  }

  /** Frames that the camera delivers from now on are not part of the film. */
  freeze() {
    this.#frozen ??= this.#count();
  }

  /** {delivered, encoded, dropped}. */
  get counts() {
    return { ...(this.#frozen ?? this.#count()), encoded: this.#encoder.counts.encoded };
  }

  /** Frames before the first one that was sampled belong to the preview, not to the film. */
  #count() {
    const { sampled } = this.#encoder.counts;
    const { deliveredFrames = sampled, totalFrames = sampled } = this.#track.stats ?? {};
    if (this.#before === null && sampled > 0) this.#before = { delivered: deliveredFrames - sampled, total: totalFrames - sampled };
    const delivered = this.#before ? deliveredFrames - this.#before.delivered : sampled;
    // One frame is on its way between the camera and the encoder.
    const dropped = this.#before ? Math.max(0, totalFrames - this.#before.total - sampled - 1) : 0;
    return { delivered: Math.max(delivered, sampled), dropped };
  }

  /** Writes the last fragment and gives the camera back, once; resolves with whether it could be written. */
  finish() {
    this.#finishing ??= this.#finish();
    return this.#finishing;
  }

  async #finish() {
    this.freeze();
    const late = new Promise((_, reject) => { setTimeout(reject, FINISH_MS); });
    const written = await Promise.race([this.#encoder.finish(), late]).then(() => true, () => false);
    this.#listening.abort();
    closeCamera(this.stream);
    return written;
  }
}
