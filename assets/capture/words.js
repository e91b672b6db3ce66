// The sentences of this page: they all come from the server, in the person's language.

/** Makes the function that says a sentence by its key, with {places} filled in. */
export function wordsFrom(sentences) {
  const say = (key, places = {}) =>
    (sentences[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => places[name] ?? whole);
  say.first = (...keys) => keys.find((key) => key in sentences) ?? keys.at(-1);
  return say;
}

/** Seconds as mm:ss. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}

/** Sets the document's language and direction. */
export function speak(locale) {
  document.documentElement.lang = locale;
  document.documentElement.dir = /^(ar|dv|fa|he|ks|ku-Arab|ps|sd|ug|ur|yi)\b/.test(locale) ? 'rtl' : 'ltr';
}
