// One film, from the tap on the button to "saved": joins the encoder and the link, and watches both.

import { Encoder } from './encoder.js';
import { Link } from './link.js';
import { closeCamera, settingsOf } from './camera.js';
import { Quality } from './quality.js';
import { clock } from './words.js';

const TICK_MS = 250;
const BEHIND_MS = 1500;
const LATE_ACK_MS = 3000;
const NO_FRAGMENT_MS = 2000;
const FIRST_FRAGMENT_MS = 4000;
const SILENT_MS = 3000;
const FIRST_SOUND_MS = 6000;
const WINDOW_MS = 30_000;
const FINISH_MS = 10_000;
const GIVE_UP_SECONDS = 60;

/**
 * States, told by `changed(film)`: phase connecting | filming | saving | saved | failed;
 * health while filming: begun | sealed | behind | unsaved | link-lost.
 */
export class Film {
  phase = 'connecting';
  health = 'begun';
  seconds = 0;
  free = null;
  notices = [];
  failure = null;
  #setup;
  #stream;
  #changed;
  #encoder;
  #link;
  #quality;
  #timer = null;
  #ticks = 0;
  #lastFragment = null;
  #heard = { count: 0, since: performance.now() };
  #downSince = null;
  #wakeLock = null;
  #listening = new AbortController();

  constructor(setup, token, stream, codecs, changed) {
    this.#setup = setup;
    this.#stream = stream;
    this.#changed = changed;
    this.#encoder = new Encoder(stream, codecs, setup.bitrate, {
      init: (bytes) => this.#link.sendInit(bytes),
      fragment: (bytes, seconds) => this.#fragment(bytes, seconds),
      failed: (kind) => (kind === 'sound' ? this.#loseSound() : this.#pictureOver('encoder-failed')),
    });
    this.#link = new Link(token, this.#hello(codecs), {
      up: (again) => (again ? this.#linkBack() : this.#begin()),
      down: () => this.#linkLost(),
      ack: (ack) => this.#acknowledged(ack),
      stop: () => this.#askedToStop(),
      over: (how) => this.#over(how),
    });
  }

  #hello(codecs) {
    const { width, height } = this.#stream.getVideoTracks()[0].getSettings();
    const used = this.#stream.getAudioTracks().length ? [codecs.video, codecs.audio] : [codecs.video];
    return {
      mime: 'video/mp4', codecs: used, w: width, h: height, settings: settingsOf(this.#stream), startedAt: Date.now(),
    };
  }

  /** The token that would continue this film: once it is saved, it gives one look at its end. */
  get next() {
    return this.#link.next;
  }

  get unsaved() {
    return this.phase === 'filming' || this.phase === 'saving';
  }

  start() {
    this.#link.open();
  }

  async #begin() {
    this.phase = 'filming';
    this.#quality = new Quality(this.#stream.getVideoTracks()[0], this.#encoder.counts);
    this.#lastFragment = performance.now() + FIRST_FRAGMENT_MS - NO_FRAGMENT_MS;
    this.#heard = { count: 0, since: performance.now() + FIRST_SOUND_MS - SILENT_MS };
    if (!this.#encoder.hasSound) this.#event('no-sound-chosen', 'notice.noSound');
    this.#listen();
    this.#stayAwake();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#changed(this);
    try {
      await this.#encoder.start();
    } catch {
      this.#pictureOver('encoder-failed');
    }
  }

  /** Ends the film as a person does, or for the reason named by `event` (shown as `notice`). */
  async stop(event = null, notice = null) {
    if (this.phase !== 'filming') return;
    this.phase = 'saving';
    this.#quality.freeze();
    if (event) this.#event(event, notice);
    this.#changed(this);
    await this.#finishEncoding();
    this.#link.end(this.#encoder.counts.encoded, this.#quality.record);
  }

  async #finishEncoding() {
    const late = new Promise((_, reject) => { setTimeout(reject, FINISH_MS); });
    try {
      await Promise.race([this.#encoder.finish(), late]);
    } catch {
      this.#quality.event('last-fragment-lost');
    }
    this.#release();
  }

  #release() {
    this.#listening.abort();
    this.#wakeLock?.release().catch(() => {});
    closeCamera(this.#stream);
  }

  #event(name, notice = null) {
    this.#quality.event(name);
    if (notice) this.notices.push({ key: notice, places: { at: clock(this.#quality.seconds) } });
  }

  // What the encoder says.

  #fragment(bytes, seconds) {
    this.#lastFragment = performance.now();
    this.#link.sendFragment(bytes, seconds);
  }

  #loseSound() {
    if (!this.#encoder.hasSound || this.phase !== 'filming') return;
    this.#encoder.closeSound();
    this.#event('sound-lost', 'notice.soundLost');
    this.#changed(this);
  }

  #pictureOver(event) {
    this.stop(event, event === 'picture-lost' ? 'notice.pictureLost' : 'notice.encoderFailed');
  }

  // What the link says.

  #linkLost() {
    this.#downSince = performance.now();
    this.#quality.event('link-lost');
    this.#watch();
  }

  #linkBack() {
    this.#downSince = null;
    this.#quality.event('link-back');
    this.#watch();
  }

  #acknowledged(ack) {
    this.free = ack.free;
    if (ack.stop) this.#askedToStop();
    this.#watch();
  }

  #askedToStop() {
    this.stop('stop-asked', 'notice.stopAsked');
  }

  async #over(how) {
    const wasFilming = this.phase === 'filming';
    clearInterval(this.#timer);
    if (how.saved) {
      this.phase = 'saved';
    } else {
      this.failure = this.#failureOf(how);
      this.phase = 'failed';
    }
    this.#changed(this);
    if (wasFilming) await this.#finishEncoding();
  }

  #failureOf(how) {
    const places = { at: clock(this.#link.safeUntil(this.seconds)) };
    if (how.stopped) return { keys: [`stopped.${how.stopped}`, 'stopped.disk'], places, retry: false };
    if (this.phase !== 'connecting' || how.fault) return { keys: ['state.interrupted'], places, retry: false };
    return { keys: [`refused.${how.refused}`, 'refused.other'], places, retry: how.refused === 'unreachable' };
  }

  // What the clock says. Never an animation frame: those stop when the page is hidden.

  #tick() {
    if (this.phase === 'filming') {
      this.seconds = this.#quality.seconds;
      this.#watchSound();
      if (this.seconds >= this.#setup.longest) this.stop('longest-reached', 'notice.longest');
    }
    this.#noteEachSecond();
    this.#watch();
    this.#loseHope();
  }

  /** A film that is over waits for a lost server, but not for ever. */
  #loseHope() {
    const patience = (this.#setup.giveUp ?? GIVE_UP_SECONDS) * 1000;
    const lost = this.phase === 'saving' && this.#downSince !== null;
    if (lost && performance.now() - this.#downSince > patience) this.#link.giveUp();
  }

  #noteEachSecond() {
    this.#ticks += 1;
    if (this.#ticks % (1000 / TICK_MS) === 0) this.#link.note(this.#quality.record);
  }

  #watchSound() {
    const { heard } = this.#encoder.counts;
    if (heard > this.#heard.count) this.#heard = { count: heard, since: performance.now() };
    if (performance.now() - this.#heard.since > SILENT_MS) this.#loseSound();
  }

  #watch() {
    const before = this.health;
    this.health = this.#healthNow();
    if (this.health !== before && this.health === 'unsaved') this.#quality.event('not-saved');
    const held = Math.max(this.#link.heldBytes / this.#setup.window, this.#heldMs() / WINDOW_MS);
    if (held >= 1) this.stop('window-full', 'notice.windowFull');
    this.#changed(this);
  }

  #heldMs() {
    return this.#link.oldest === null ? 0 : performance.now() - this.#link.oldest;
  }

  #healthNow() {
    if (!this.#link.up) return 'link-lost';
    const stalled = this.phase === 'filming' && performance.now() - this.#lastFragment > NO_FRAGMENT_MS;
    if (this.#heldMs() > LATE_ACK_MS || stalled) return 'unsaved';
    if (this.#heldMs() > BEHIND_MS || this.#link.heldBytes > this.#setup.window / 2) return 'behind';
    return this.free === null ? 'begun' : 'sealed';
  }

  // What the browser says.

  #listen() {
    const { signal } = this.#listening;
    const [picture] = this.#stream.getVideoTracks();
    const [sound] = this.#stream.getAudioTracks();
    picture.addEventListener('ended', () => this.#pictureOver('picture-lost'), { signal });
    sound?.addEventListener('ended', () => this.#loseSound(), { signal });
    for (const [track, name] of [[picture, 'picture'], [sound, 'sound']]) {
      track?.addEventListener('mute', () => this.#quality.event(`${name}-muted`), { signal });
      track?.addEventListener('unmute', () => this.#quality.event(`${name}-back`), { signal });
    }
    navigator.mediaDevices.addEventListener('devicechange', () => this.#quality.event('devices-changed'), { signal });
    document.addEventListener('visibilitychange', () => this.#visibility(), { signal });
  }

  #visibility() {
    this.#quality.event(document.visibilityState === 'hidden' ? 'page-hidden' : 'page-shown');
    if (document.visibilityState === 'visible') this.#stayAwake();
  }

  async #stayAwake() {
    try {
      this.#wakeLock = await navigator.wakeLock?.request('screen');
    } catch {
      this.#quality.event('no-wake-lock');
    }
  }
}
