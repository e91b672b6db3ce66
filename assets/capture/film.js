// One film, from the tap on the button to "saved": joins the encoder and the link, and watches both.

import { Awake } from './awake.js';
import { closeCamera, findAgain } from './camera.js';
import { Link } from './link.js';
import { Quality } from './quality.js';
import { Take } from './take.js';
import { clock } from './words.js';

const TICK_MS = 250;
const BEHIND_MS = 1500;
const LATE_ACK_MS = 3000;
const NO_FRAGMENT_MS = 2000;
const FIRST_FRAGMENT_MS = 4000;
const SILENT_MS = 3000;
const TOGETHER_MS = 100;
const FIRST_SOUND_MS = 6000;
const WINDOW_MS = 30_000;
const SEARCH_SECONDS = 30;
const GIVE_UP_SECONDS = 60;

/**
 * States, told by `changed(film)`: phase connecting | filming | saving | saved | failed;
 * health while filming: begun | sealed | behind | unsaved | searching | link-lost.
 */
export class Film {
  phase = 'connecting';
  health = 'begun';
  seconds = 0;
  free = null;
  notices = [];
  failure = null;
  #setup;
  #codecs;
  #changed;
  #take;
  #link;
  #quality = new Quality();
  #first = null;
  #searching = false;
  #timer = null;
  #ticks = 0;
  #lastFragment = null;
  #heard = null;
  #downSince = null;
  #awake = new Awake();
  #listening = new AbortController();

  constructor(setup, token, stream, codecs, changed) {
    this.#setup = setup;
    this.#codecs = codecs;
    this.#changed = changed;
    this.#link = new Link(token, {
      up: (again) => (again ? this.#linkBack() : this.#begin()),
      down: () => this.#linkLost(),
      ack: (ack) => this.#acknowledged(ack),
      stop: () => this.#askedToStop(),
      over: (how) => this.#over(how),
    });
    this.#take = this.#newTake(stream);
    this.#first = this.#take;
  }

  #newTake(stream) {
    const take = new Take(stream, this.#codecs, this.#setup.bitrate, this.#first, {
      init: (bytes) => this.#link.sendInit(run, bytes),
      fragment: (bytes, seconds) => this.#fragment(run, bytes, seconds),
      failed: (kind) => (kind === 'sound' ? this.#loseSound(take) : this.#pictureOver(take, 'encoder-failed')),
      // Where both are over, it is the picture that has to be looked for: it may be told of a little later.
      ended: (kind) => (kind === 'sound' ? setTimeout(() => this.#loseSound(take), TOGETHER_MS) : this.#pictureOver(take, 'picture-lost')),
      event: (name) => this.#quality.event(name),
    });
    const run = this.#link.begin({ ...take.describe(this.#codecs), ptsBase: this.seconds });
    return take;
  }

  /** The token that would continue this film: once it is saved, it gives one look at its end. */
  get next() {
    return this.#link.next;
  }

  /** What the camera sees now. */
  get stream() {
    return this.#take.stream;
  }

  get unsaved() {
    return this.phase === 'filming' || this.phase === 'saving';
  }

  start() {
    this.#link.open();
  }

  async #begin() {
    this.phase = 'filming';
    this.#quality = new Quality();
    if (!this.#take.hasSound) this.#event('no-sound-chosen', 'notice.noSound');
    this.#listen();
    this.#stayAwake();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    await this.#roll();
  }

  /** Starts the take that is ready. */
  async #roll() {
    const now = performance.now();
    this.#lastFragment = now + FIRST_FRAGMENT_MS - NO_FRAGMENT_MS;
    this.#heard = { count: 0, since: now + FIRST_SOUND_MS - SILENT_MS };
    this.#quality.add(this.#take);
    this.#changed(this);
    try {
      await this.#take.start();
    } catch {
      this.#pictureOver(this.#take, 'encoder-failed');
    }
  }

  /** Ends the film as a person does, or for the reason named by `event` (shown as `notice`). */
  async stop(event = null, notice = null) {
    if (this.phase !== 'filming') return;
    this.phase = 'saving';
    this.#take.freeze();
    if (event) this.#event(event, notice);
    this.#changed(this);
    await this.#finishTake();
    this.#release();
    const { record } = this.#quality;
    this.#link.end(record.encoded, record);
  }

  async #finishTake() {
    if (!(await this.#take.finish())) this.#quality.event('last-fragment-lost');
  }

  #release() {
    this.#listening.abort();
    this.#awake.release();
  }

  #event(name, notice = null, places = {}) {
    this.#quality.event(name);
    if (notice) this.#notice(notice, { at: clock(this.#quality.seconds), ...places });
  }

  #notice(key, places) {
    this.notices.push({ key, places });
  }

  // What the take says.

  #fragment(run, bytes, seconds) {
    this.#lastFragment = performance.now();
    this.#link.sendFragment(run, bytes, seconds);
  }

  #loseSound(take) {
    if (this.#searching || take !== this.#take || !take.hasSound || this.phase !== 'filming') return;
    take.closeSound();
    this.#event('sound-lost', 'notice.soundLost');
    this.#changed(this);
  }

  /** The picture ended: what was encoded is sent, and the same camera looked for; the film goes on when it is back. */
  async #pictureOver(take, what) {
    if (this.phase !== 'filming' || this.#searching || take !== this.#take) return;
    const event = take.isOver ? 'picture-lost' : what;
    if (event === 'encoder-failed' && !take.hasFragments) return this.stop(event, 'notice.encoderFailed');
    this.#searching = true;
    this.#quality.event(event);
    const lost = this.#quality.seconds;
    this.#watch();
    await this.#finishTake();
    const patience = AbortSignal.timeout((this.#setup.search ?? SEARCH_SECONDS) * 1000);
    const stream = await findAgain(this.#setup, this.#first.ids, AbortSignal.any([patience, this.#listening.signal]));
    this.#searching = false;
    if (this.phase !== 'filming') return closeCamera(stream);
    if (!stream) return this.#notFound(lost);
    this.#take = this.#newTake(stream);
    await this.#goOn(lost, Boolean(take.ids.microphone));
  }

  async #goOn(lost, hadSound) {
    const seconds = Math.max(1, Math.round(this.#quality.seconds - lost));
    this.#quality.event('picture-found');
    this.#notice('notice.pictureFound', { at: clock(lost), seconds });
    if (hadSound && !this.#take.hasSound) this.#event('sound-lost', 'notice.soundLost');
    await this.#roll();
  }

  #notFound(lost) {
    this.#notice('notice.pictureLost', { at: clock(lost) });
    this.stop();
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
    if (!wasFilming) return;
    await this.#take.finish();
    this.#release();
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
    if (this.#ticks % (1000 / TICK_MS) !== 0) return;
    const { record } = this.#quality;
    this.#link.note(record.encoded, record);
  }

  #watchSound() {
    const { heard } = this.#take;
    if (heard > this.#heard.count) this.#heard = { count: heard, since: performance.now() };
    if (performance.now() - this.#heard.since > SILENT_MS) this.#loseSound(this.#take);
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
    if (this.#searching) return 'searching';
    const stalled = this.phase === 'filming' && performance.now() - this.#lastFragment > NO_FRAGMENT_MS;
    if (this.#heldMs() > LATE_ACK_MS || stalled) return 'unsaved';
    if (this.#heldMs() > BEHIND_MS || this.#link.heldBytes > this.#setup.window / 2) return 'behind';
    return this.free === null ? 'begun' : 'sealed';
  }

  // What the browser says.

  #listen() {
    const { signal } = this.#listening;
    navigator.mediaDevices.addEventListener('devicechange', () => this.#quality.event('devices-changed'), { signal });
    document.addEventListener('visibilitychange', () => this.#visibility(), { signal });
    document.addEventListener('freeze', () => this.#quality.event('page-frozen'), { signal });
  }

  #visibility() {
    this.#quality.event(document.visibilityState === 'hidden' ? 'page-hidden' : 'page-shown');
    if (document.visibilityState === 'visible') this.#stayAwake();
  }

  async #stayAwake() {
    if (!(await this.#awake.ask())) this.#quality.event('no-wake-lock');
  }
}
