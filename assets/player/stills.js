// Pictures kept from the film: the frame on the screen as PNG bytes in memory. Never a Blob: large Blobs go to the disk.

const byId = (id) => document.getElementById(id);

const SMALL = 112; // pixels: a small picture is drawn small, or twenty of them would fill the memory

let film = null; // { url, words, video, showFrame, clock }
let looked = null; // the kept picture that is shown large
let busy = false;

function note(key) {
  byId('player-still-note').textContent = key === '' ? '' : film.words[key] ?? '';
}

/** The bytes of a canvas as PNG, by way of a string: the other ways make a Blob. */
function pngOf(canvas) {
  const text = atob(canvas.toDataURL('image/png').split(',')[1]);
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function picture() {
  const { video } = film;
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d', { alpha: false }).drawImage(video, 0, 0);
  const bytes = pngOf(canvas);
  canvas.width = 0; // lets its memory go now
  return bytes;
}

async function ask(path, options) {
  try {
    return await fetch(film.url + path, options);
  } catch {
    return null;
  }
}

async function keep() {
  if (busy) return;
  busy = true;
  note('keeping');
  const frame = await film.showFrame();
  const headers = { 'X-Frame': String(frame), 'Content-Type': 'image/png' };
  const answer = await ask('/still', { method: 'PUT', headers, body: picture() });
  const said = await whyNot(answer);
  await list();
  note(said || 'kept');
  busy = false;
}

/** The word for what an answer refuses; '' when it refuses nothing. */
async function whyNot(answer) {
  if (answer?.ok) return '';
  if (answer?.status !== 409) return 'notkept';
  const { why } = await answer.json();
  return { 'stills-refused': 'nostills', 'disk-full': 'full' }[why] ?? 'notkept';
}

/** Shows what is kept; pictures that nobody agreed to can be neither kept nor seen. */
async function list() {
  const answer = await ask('/stills');
  const refused = answer?.status === 409;
  const stills = answer?.ok ? await answer.json() : [];
  byId('player-still').disabled = refused;
  if (refused) note(await whyNot(answer));
  if (answer?.ok || refused) byId('player-stills').replaceChildren(...stills.map(entry));
  byId('player-stills').hidden = byId('player-stills').childElementCount === 0;
}

/** A kept picture, drawn as soon as it is there. Not an <img>: the browser may put its bytes into a temporary file. */
function imageOf(still, height = film.video.videoHeight) {
  const canvas = document.createElement('canvas');
  canvas.width = Math.round((height * film.video.videoWidth) / film.video.videoHeight);
  canvas.height = height;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `${film.words.picture} ${film.clock(still.seconds)}`);
  draw(canvas, still).catch(() => {});
  return canvas;
}

async function draw(canvas, still) {
  const answer = await ask(`/still/${still.number}`);
  if (!answer?.ok) return;
  const decoder = new ImageDecoder({ data: await answer.arrayBuffer(), type: 'image/png' });
  try {
    const { image } = await decoder.decode();
    canvas.getContext('2d', { alpha: false }).drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    canvas.dataset.drawn = 'yes';
  } finally {
    decoder.close();
  }
}

function entry(still) {
  const button = document.createElement('button');
  button.type = 'button';
  button.id = `player-still-${still.number}`;
  button.dataset.testid = button.id;
  button.setAttribute('aria-label', `${film.words.look} ${film.clock(still.seconds)}`);
  const time = document.createElement('span');
  time.textContent = film.clock(still.seconds);
  button.append(imageOf(still, SMALL), time);
  button.addEventListener('click', () => look(still));
  const item = document.createElement('li');
  item.append(button);
  return item;
}

function look(still) {
  looked = still;
  film.video.pause();
  byId('player-look-picture').replaceChildren(imageOf(still));
  byId('player-look-time').textContent = `${film.words.picture} ${film.clock(still.seconds)}`;
  question(false);
  byId('player-look').showModal();
}

function question(asked) {
  byId('player-look-plain').hidden = asked;
  byId('player-look-sure').hidden = !asked;
  byId(asked ? 'player-still-no' : 'player-still-close').focus();
}

async function remove() {
  const answer = await ask(`/still/${looked.number}`, { method: 'DELETE' });
  byId('player-look').close();
  await list();
  note(answer?.ok ? 'removed' : 'notremoved');
  byId('player-still').focus();
}

/** A picture that is not shown is not kept in the page either. */
function forget() {
  byId('player-look-picture').replaceChildren();
  looked = null;
}

function name(words) {
  const texts = { 'still-label': 'keep', 'still-close': 'close', 'still-remove': 'remove' };
  const more = { 'look-ask': 'ask', 'still-yes': 'yes', 'still-no': 'no' };
  for (const [id, key] of Object.entries({ ...texts, ...more })) byId(`player-${id}`).textContent = words[key] ?? '';
  byId('player-stills').setAttribute('aria-label', words.pictures ?? '');
  byId('player-look').setAttribute('aria-label', words.picture ?? '');
}

/**
 * Offers pictures of a film: its `url`, its `words`, the `video`, `clock` for a time in words, and `showFrame`,
 * which stops at the frame on the screen and resolves with its number.
 */
export async function offerStills(of) {
  film = of;
  name(film.words);
  byId('player-still').addEventListener('click', keep);
  byId('player-still-close').addEventListener('click', () => byId('player-look').close());
  byId('player-still-remove').addEventListener('click', () => question(true));
  byId('player-still-no').addEventListener('click', () => question(false));
  byId('player-still-yes').addEventListener('click', remove);
  byId('player-look').addEventListener('close', forget);
  await list();
}
