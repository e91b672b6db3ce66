// The film's player: play and slow motion by <video>, frame by frame by the server's list of when each frame shows.

import { offerStills } from './stills.js';

const byId = (id) => document.getElementById(id);
const video = byId('player-video');
const position = byId('player-position');
const HALF_TICK = 0.001;
const TOUCH_EVERY = 20000; // ms

let words = {};
let pts = [];
let gaps = []; // [from, seconds] where nothing was filmed
let seconds = 0;
let frame = 0; // the frame on the screen, by its place in pts
let wanted = null; // the newest frame asked for; the ones before it are forgotten
let stepping = null; // the one run of seek() under way

/** The last frame that shows at or before `time`. */
function frameAt(time) {
  let low = 0;
  let high = pts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pts[middle] <= time + HALF_TICK) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Half-way to the end of a frame: at its very beginning, rounding would often show the one before. */
function middleOf(k) {
  const next = pts[k + 1] ?? Math.max(seconds, pts[k] + 0.002);
  const gap = gaps.find(([from]) => pts[k] < from && from < next);
  return (pts[k] + (gap ? gap[0] : next)) / 2;
}

function gapAt(time) {
  return gaps.find(([from, long]) => from <= time && time < from + long);
}

function clock(time) {
  const tenths = Math.floor(time * 10 + 0.001);
  const minutes = Math.floor(tenths / 600);
  return `${minutes}:${String((tenths % 600 - tenths % 10) / 10).padStart(2, '0')}.${tenths % 10}`;
}

function show(k) {
  frame = k;
  position.value = String(k);
  byId('player-time').textContent = `${clock(pts[k])} / ${clock(seconds)}`;
  byId('player-frame').textContent = `${words.frame} ${k + 1} / ${pts.length}`;
  position.setAttribute('aria-valuetext', `${clock(pts[k])}, ${words.frame} ${k + 1}`);
  byId('player-back').disabled = k === 0;
  byId('player-forward').disabled = k === pts.length - 1;
}

/** A picture that stands still would say that nothing moved: where nothing was filmed, words cover it. */
function coverGap() {
  const gap = gapAt(video.currentTime);
  byId('player-gap').hidden = gap === undefined;
  if (gap === undefined) return;
  byId('player-gap').textContent = words.gap.replace('{seconds}', inSeconds(gap[1]));
  byId('player-time').textContent = `${clock(video.currentTime)} / ${clock(seconds)}`;
}

function inSeconds(long) {
  const whole = Math.max(1, Math.round(long));
  return (whole === 1 ? words.second : words.seconds).replace('{count}', String(whole));
}

function markGaps() {
  const last = Math.max(1, pts.length - 1);
  byId('player-gaps').replaceChildren(...gaps.map(([from]) => {
    const mark = document.createElement('i');
    mark.style.setProperty('--at', (frameAt(from) + 0.5) / last);
    return mark;
  }));
  const places = gaps.map(([from, long]) => `${clock(from)}, ${inSeconds(long)}`).join('; ');
  byId('player-breaks').textContent = gaps.length ? `${words.notfilmed} ${places}` : '';
  byId('player-breaks').hidden = !gaps.length;
}

/** Seeks once, and resolves with the time of the frame that then shows. */
function seekTo(time) {
  return new Promise((resolve) => {
    video.requestVideoFrameCallback((_, shown) => resolve(shown.mediaTime));
    // A frame that shows already, and a covered page, may bring no callback.
    video.addEventListener('seeked', () => setTimeout(resolve, 300, time), { once: true });
    video.addEventListener('error', () => resolve(time), { once: true });
    video.currentTime = time;
  });
}

async function seek() {
  let left = 1;
  while (wanted !== null) {
    const k = wanted;
    const shown = frameAt(await seekTo(middleOf(k)));
    if (shown !== k && wanted === k && left-- > 0) continue;
    show(shown);
    if (wanted === k) wanted = null;
  }
  stepping = null;
}

/** Shows frame `k`; while a seek is under way only the newest wish counts. Resolves when it shows. */
function goto(k) {
  video.pause();
  const target = Math.min(Math.max(Math.trunc(k), 0), pts.length - 1);
  if (stepping === null && target === frame && !video.seeking && started) return Promise.resolve();
  wanted = target;
  stepping ??= seek();
  return stepping;
}

/** Stops at the frame on the screen, and resolves with its number when no other can come in its place. */
async function showFrame() {
  video.pause();
  wanted ??= frame;
  stepping ??= seek();
  await stepping;
  return frame;
}

let started = false;

function followFrames(_, shown) {
  if (stepping === null) show(frameAt(shown.mediaTime));
  if (!video.paused) video.requestVideoFrameCallback(followFrames);
}

function followGaps() {
  coverGap();
  if (!video.paused) requestAnimationFrame(followGaps);
}

function playOrPause() {
  if (!video.paused) return video.pause();
  if (video.ended) video.currentTime = 0;
  return video.play();
}

function setRate(rate) {
  video.playbackRate = rate;
  // Stretched sound is not what was heard.
  video.muted = rate !== 1;
  for (const button of document.querySelectorAll('[data-rate]')) {
    button.setAttribute('aria-pressed', String(Number(button.dataset.rate) === rate));
  }
}

function setState(state) {
  document.body.dataset.state = state;
  const label = state === 'playing' ? words.pause : words.play;
  byId('player-play').setAttribute('aria-label', label ?? '');
}

const KEYS = {
  ' ': playOrPause,
  k: playOrPause,
  ArrowLeft: () => goto((wanted ?? frame) - 1),
  ArrowRight: () => goto((wanted ?? frame) + 1),
  Home: () => goto(0),
  End: () => goto(pts.length - 1),
};

function onKey(event) {
  const own = event.target === position || (event.target.tagName === 'BUTTON' && event.key === ' ');
  const act = KEYS[event.key];
  if (own || act === undefined || byId('player-look').open || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  act();
}

let touched = 0;

/** Watching is using: the server counts a request for the film as a touch, and does not lock meanwhile. */
function touch() {
  if (touched !== 0 && performance.now() - touched < TOUCH_EVERY) return;
  touched = performance.now();
  fetch(video.src, { method: 'HEAD' }).catch(() => {});
}

function listen() {
  byId('player-play').addEventListener('click', playOrPause);
  byId('player-back').addEventListener('click', () => goto((wanted ?? frame) - 1));
  byId('player-forward').addEventListener('click', () => goto((wanted ?? frame) + 1));
  position.addEventListener('input', () => goto(Number(position.value)));
  for (const button of document.querySelectorAll('[data-rate]')) {
    button.addEventListener('click', () => setRate(Number(button.dataset.rate)));
  }
  document.addEventListener('keydown', onKey);
  document.addEventListener('keydown', touch);
  document.addEventListener('pointerdown', touch);
  video.addEventListener('timeupdate', () => video.paused || touch());
  video.addEventListener('play', () => {
    setState('playing');
    video.requestVideoFrameCallback(followFrames);
    if (gaps.length) requestAnimationFrame(followGaps);
  });
  video.addEventListener('seeked', coverGap);
  video.addEventListener('pause', () => setState('paused'));
  video.addEventListener('error', fail);
}

function name() {
  for (const [id, key] of [['back', 'back'], ['forward', 'forward'], ['position', 'position'], ['speeds', 'speed']]) {
    byId(`player-${id}`).setAttribute('aria-label', words[key] ?? '');
  }
  video.setAttribute('aria-label', words.film ?? '');
}

function fail() {
  document.body.dataset.state = 'failed';
  byId('player-panel').hidden = true;
  const known = byId('player-failed');
  known.textContent = words.failed ?? '';
  known.hidden = known.textContent === '';
  byId('player-gone').hidden = !known.hidden;
}

function use(film) {
  ({ words, pts, gaps, seconds } = film);
  position.max = String(Math.max(0, pts.length - 1));
  name();
  markGaps();
  listen();
  setRate(1);
  video.src = `/media/${encodeURIComponent(film.token)}`;
}

async function open() {
  const link = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, '', location.pathname);
  const answer = await fetch('/media/claim', { method: 'POST', headers: { 'X-Token': link } });
  if (!answer.ok) return fail();
  use(await answer.json());
  await new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }));
  byId('player-panel').hidden = false;
  setState('paused');
  if (pts.length > 0) await goto(0);
  await offerStills({ url: video.src, words, video, clock, showFrame });
  started = true;
  return undefined;
}

/** For tests: nothing secret. */
window.vigPlayer = {
  goto,
  state: () => ({
    phase: document.body.dataset.state,
    frame,
    frames: pts.length,
    time: video.currentTime,
    seconds,
    duration: video.duration,
    rate: video.playbackRate,
    settled: started && stepping === null && !video.seeking,
  }),
};

open().catch(fail);
