// The page's elements: found by id, and written to only when something is new.

export const $ = (id) => document.getElementById(id);

/** A live region speaks whenever it is written to: write only what is new. */
export function put(id, text) {
  const element = $(id);
  if (element.textContent !== text) element.textContent = text;
}
