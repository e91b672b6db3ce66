// A look at the end of the film that was just saved: what is sealed on the disk, through the way that films are played.

import { $ } from './elements.js';
import { claimLook } from './setup.js';

const LOOK_SECONDS = 3;
const PATIENCE_MS = 15_000;

/** Shows the last seconds once, without sound, and leaves the last picture; whether it could be shown. */
export async function lookAtEnd(next) {
  const film = await claimLook(next);
  if (!film) return false;
  const video = $('film-look');
  const shown = new Promise((resolve) => {
    video.addEventListener('ended', () => resolve(true), { once: true });
    video.addEventListener('error', () => resolve(false), { once: true });
    setTimeout(resolve, PATIENCE_MS, false);
  });
  video.muted = true;
  video.src = `/media/${film.token}#t=${Math.max(0, film.seconds - LOOK_SECONDS)}`;
  $('film-looking').hidden = false;
  video.play().catch(() => {});
  if (await shown) return true;
  $('film-looking').hidden = true;
  return false;
}
