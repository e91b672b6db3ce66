// From tracks to fragments: WebCodecs through mediabunny, one init segment, then one fragment each half second.

import {
  Mp4OutputFormat, MediaStreamAudioTrackSource, MediaStreamVideoTrackSource, NullTarget, Output, Quality,
  getFirstEncodableAudioCodec, getFirstEncodableVideoCodec,
} from '../vendor/mediabunny/mediabunny.min.mjs';
import { delay, timescalesOf } from './times.js';
import { upright } from './upright.js';

const FRAGMENT_SECONDS = 0.5;
const SOUND_BITRATE = 96_000;

/** The codecs this browser can encode: {video, audio}, null where there is none. H.264 and Opus first. */
export async function chooseCodecs(setup) {
  const quality = new Quality({ bitrate: setup.bitrate });
  const size = { width: setup.width, height: setup.height, quality };
  const sound = { numberOfChannels: 2, sampleRate: 48_000, quality: new Quality({ bitrate: SOUND_BITRATE }) };
  return {
    video: await getFirstEncodableVideoCodec(['avc', 'vp9', 'vp8'], size),
    audio: await getFirstEncodableAudioCodec(['opus', 'aac'], sound),
  };
}

/**
 * Encodes one stream. Calls `on.init(bytes)`, `on.fragment(bytes, seconds)` and `on.failed(kind)`. `origin` is when the
 * film began (performance.now), from which all times count; null when it begins with this stream. `size` is the film's,
 * {width, height}; null when this stream's is.
 */
export class Encoder {
  #output;
  #sound = null;
  #on;
  #head = [];
  #moof = null;
  #timescales = null;
  #origin;
  /** When the first sample of any kind came (performance.now); null before. */
  began = null;
  /** Counted here, because mediabunny drops frames silently. */
  counts = { sampled: 0, encoded: 0, heard: 0 };

  constructor(stream, codecs, bitrate, origin, size, on) {
    this.#origin = origin;
    this.#on = on;
    this.#output = new Output({ format: this.#format(), target: new NullTarget() });
    this.#addPicture(stream.getVideoTracks()[0], codecs.video, bitrate, size);
    const [microphone] = stream.getAudioTracks();
    if (microphone) this.#addSound(microphone, codecs.audio);
  }

  #format() {
    return new Mp4OutputFormat({
      fastStart: 'fragmented',
      minimumFragmentDuration: FRAGMENT_SECONDS,
      onFtyp: (bytes) => this.#head.push(bytes),
      onMoov: (bytes) => this.#head.push(bytes),
      onMoof: (bytes, _position, seconds) => { this.#moof = { bytes, seconds }; },
      onMdat: (bytes) => this.#fragment(bytes),
    });
  }

  #fragment(bytes) {
    if (this.#timescales === null) this.#begin();
    const later = this.#origin === null ? 0 : (this.began - this.#origin) / 1000;
    if (later) delay(this.#moof.bytes, later, this.#timescales);
    this.#on.fragment(join([this.#moof.bytes, bytes]), this.#moof.seconds + later);
  }

  /** Tells the init segment only with the first fragment: that of a stream without a frame describes nothing. */
  #begin() {
    const init = join(this.#head);
    this.#timescales = timescalesOf(init);
    this.#on.init(init);
  }

  #addPicture(track, codec, bitrate, size) {
    // Annex B puts the parameters of the pictures before each key frame: takes may differ in them and play as one film.
    // Without frameRate: null mediabunny resamples: it invents frames and their times.
    const source = new MediaStreamVideoTrackSource(track, {
      codec,
      quality: new Quality({ bitrate }),
      keyFrameInterval: FRAGMENT_SECONDS,
      ...shapeOf(size),
      onEncoderConfig: (config) => { if (codec === 'avc') config.avc = { format: 'annexb' }; },
      onEncodedSample: () => {
        this.began ??= performance.now();
        this.counts.sampled += 1;
      },
      onEncodedPacket: () => { this.counts.encoded += 1; },
    }, { frameRate: null });
    source.errorPromise.catch(() => this.#on.failed('picture'));
    this.#output.addVideoTrack(source);
  }

  #addSound(track, codec) {
    this.#sound = new MediaStreamAudioTrackSource(track, {
      codec,
      quality: new Quality({ bitrate: SOUND_BITRATE }),
      onEncodedSample: () => { this.began ??= performance.now(); },
      onEncodedPacket: () => { this.counts.heard += 1; },
    });
    this.#sound.errorPromise.catch(() => this.#on.failed('sound'));
    this.#output.addAudioTrack(this.#sound);
  }

  get hasSound() {
    return this.#sound !== null;
  }

  start() {
    return this.#output.start();
  }

  /** The sound track is over. Without this nothing at all is written any more. */
  closeSound() {
    this.#sound?.close();
    this.#sound = null;
  }

  /** Writes the last fragment. */
  finish() {
    return this.#output.finalize();
  }
}

/** Pictures of the first take keep the shape that they begin with, those of the others have the film's. */
function shapeOf(size) {
  if (size === null) return { sizeChangeBehavior: 'contain', transform: { process: upright } };
  return { sizeChangeBehavior: 'passThrough', transform: { ...size, fit: 'contain', process: upright } };
}

function join(pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let position = 0;
  for (const piece of pieces) {
    whole.set(piece, position);
    position += piece.byteLength;
  }
  return whole;
}
