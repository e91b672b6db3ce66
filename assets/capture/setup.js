// What the page and the server say to each other before and after a film. The token never appears in a URL that is sent.

const NOTHING_CHOSEN = { facing: '', camera: '', microphone: '' };

/** The one-use token, from the page's fragment. */
export const token = location.hash.slice(1);

/** The setup, or null when this token opens nothing or the server cannot be reached. */
export async function fetchSetup() {
  const setup = await answer('/capture/setup', token);
  return setup && { ...setup, choice: setup.choice ?? NOTHING_CHOSEN };
}

/** Tells which devices were chosen, {facing, camera, microphone}; whether they will be remembered. */
export async function remember(choice) {
  return await answer('/capture/choice', token, { method: 'POST', body: JSON.stringify(choice) }) !== null;
}

/** The film that has just ended, as {token, seconds}, once; null when it may not or cannot be shown. */
export async function claimLook(next) {
  const look = await answer('/capture/look', next, { method: 'POST' });
  return look?.link ? answer('/media/claim', look.link, { method: 'POST' }) : null;
}

async function answer(path, secret, more = {}) {
  try {
    const said = await fetch(path, { ...more, headers: { 'X-Token': secret }, cache: 'no-store' });
    if (!said.ok) return null;
    return said.status === 204 ? {} : await said.json();
  } catch {
    return null;
  }
}
