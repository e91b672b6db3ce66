// What the server says before a film: words, sizes and limits. The token never appears in a URL that is sent.

/** The one-use token, from the page's fragment. */
export const token = location.hash.slice(1);

/** The setup, or null when this token opens nothing or the server cannot be reached. */
export async function fetchSetup() {
  try {
    const answer = await fetch('/capture/setup', { headers: { 'X-Token': token }, cache: 'no-store' });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
