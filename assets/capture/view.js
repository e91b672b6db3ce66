// The page's elements as a function of its state. No state of its own, no decisions about filming.

import { $, put } from './elements.js';
import { clock } from './words.js';

const WARN_FREE = 2e9;
const BUTTON_STATE = { filming: 'filming', saving: 'saving', saved: 'saved', failed: 'error', problem: 'error' };
const HEALTH_WORDS = {
  begun: 'state.filming', sealed: 'state.sealed', behind: 'state.behind', unsaved: 'state.unsaved',
  searching: 'state.searching', 'link-lost': 'state.linkLost',
};
const PHASE_WORDS = {
  starting: 'state.starting', ready: 'state.ready', connecting: 'state.connecting', saving: 'state.saving',
  saved: 'state.saved',
};

export class View {
  #say;
  #setup;

  constructor(say, setup) {
    this.#say = say;
    this.#setup = setup;
    $('film-retry').textContent = say('button.retry');
    $('film-without-sound').textContent = say('button.withoutSound');
    $('film-sound-label').textContent = say('label.sound');
    $('film-preview').setAttribute('aria-label', say('label.preview'));
    $('film-look').setAttribute('aria-label', say('label.look'));
    put('film-look-label', say('label.look'));
  }

  onRecord(act) { $('film-record').addEventListener('click', act); }

  onRetry(act) { $('film-retry').addEventListener('click', act); }

  onWithoutSound(act) { $('film-without-sound').addEventListener('click', act); }

  /** The picture of a front camera is shown as in a mirror; it is never filmed so. */
  preview(stream) {
    $('film-preview').srcObject = stream;
    $('film-preview').dataset.mirrored = String(stream?.getVideoTracks()[0].getSettings().facingMode === 'user');
  }

  /**
   * `page`: phase, health, seconds, free, notices [{key, places}], failure {keys, places, retry}, canGoWithoutSound.
   * `standing`: the notices of the page itself.
   */
  show(page, standing) {
    document.body.dataset.phase = page.phase;
    document.body.dataset.health = page.phase === 'filming' ? page.health : 'none';
    this.#state(page);
    this.#notice([...(page.notices ?? []), ...standing], page);
    this.#button(page);
    this.#time(page.seconds ?? 0);
    this.#minutes(page);
    this.#wayOn(page);
  }

  #state(page) {
    const key = this.#stateKey(page);
    $('film-state').dataset.key = key;
    put('film-state-words', this.#say(key, page.failure?.places));
  }

  #stateKey(page) {
    if (page.failure) return this.#say.first(...page.failure.keys);
    if (page.phase === 'filming') return HEALTH_WORDS[page.health];
    if (page.phase === 'saving' && page.health === 'link-lost') return 'state.held';
    return PHASE_WORDS[page.phase];
  }

  #notice(notices, page) {
    if (this.#low(page) && page.phase !== 'saved') notices.push({ key: 'notice.spaceLow', places: {} });
    $('film-notice').hidden = !notices.length;
    $('film-notice').dataset.keys = notices.map(({ key }) => key).join(' ');
    put('film-notice', notices.map(({ key, places }) => this.#say(key, places)).join(' '));
  }

  #low(page) {
    return (page.free ?? this.#setup.free) < (this.#setup.warnFree ?? WARN_FREE);
  }

  #button(page) {
    const button = $('film-record');
    const label = this.#say(page.phase === 'filming' ? 'button.stop' : 'button.record');
    button.dataset.state = BUTTON_STATE[page.phase] ?? 'idle';
    button.disabled = page.phase !== 'ready' && page.phase !== 'filming';
    if (button.getAttribute('aria-label') !== label) button.setAttribute('aria-label', label);
    put('film-record-label', page.phase === 'ready' || page.phase === 'filming' ? label : '');
  }

  /** How much of the film there is, in words. */
  time(seconds) {
    return this.#say('label.time', { elapsed: clock(seconds), target: clock(this.#setup.target) });
  }

  #time(seconds) {
    put('film-time', this.time(seconds));
    const done = Math.min(1, seconds / this.#setup.target);
    $('film-ring-done').style.setProperty('stroke-dashoffset', `${100 * (1 - done)}`);
  }

  #minutes(page) {
    const free = page.free ?? this.#setup.free;
    const bytesPerMinute = (this.#setup.bitrate / 8) * 60;
    const minutes = Math.max(0, Math.floor(this.#setup.minutesLeft + (free - this.#setup.free) / bytesPerMinute));
    const places = { minutes, hours: Math.floor(minutes / 60) };
    put('film-minutes-left', this.#say(minutes < 120 ? 'label.minutesLeft' : 'label.hoursLeft', places));
    $('film-minutes-left').classList.toggle('low', this.#low(page));
  }

  #wayOn(page) {
    $('film-retry').hidden = !page.failure?.retry;
    $('film-without-sound').hidden = !page.canGoWithoutSound;
    $('film-way-on').hidden = !page.failure?.retry && !page.canGoWithoutSound;
  }

  /** The sound level, 0 to 1, or null when there is none. */
  level(level) {
    const percent = Math.round((level ?? 0) * 100);
    $('film-level').setAttribute('aria-valuenow', percent);
    $('film-level').dataset.known = String(level !== null);
    $('film-level-bar').style.setProperty('inline-size', `${percent}%`);
  }

  static withoutWords() { $('film-no-words').hidden = false; }
}
