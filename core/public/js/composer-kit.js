// What the composer's scripts share. Each of them does one thing with the form; they meet in these events on it:
// composer:channels (one was ticked or unticked), composer:groups (options came or went), composer:media (other files).
export const form = document.querySelector('[data-composer]');
export const find = (selector, within = form) => within.querySelector(selector);
export const findAll = (selector, within = form) => [...within.querySelectorAll(selector)];

const texts = document.querySelector('[data-texts]').dataset;

/** A text of the page's language; `%name%` in it becomes what is given. */
export function say(key, holes = {}) {
  return Object.entries(holes).reduce((text, [name, value]) => text.replaceAll(`%${name}%`, value), texts[key]);
}

export function tell(name) {
  form.dispatchEvent(new CustomEvent(`composer:${name}`));
}

export function listen(names, act) {
  for (const name of names) form.addEventListener(name, act);
}

/** The whole form as it would be sent by a button. */
export function typed() {
  return new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === 'string'));
}

/** Sends what is typed. @returns the fragment @throws when the answer is none of ours, e.g. because the session has ended */
export async function ask(path, body = typed()) {
  const response = await fetch(form.dataset.posts + path, { method: 'POST', body, headers: token() });
  if (!response.ok || response.redirected) throw new Error(`The answer was ${response.status}.`);
  return parse(await response.text());
}

export function token() {
  return { 'x-csrf-token': find('[name="_csrf"]').value };
}

export function parse(html) {
  return new DOMParser().parseFromString(html, 'text/html').body;
}

/** Of the post that the form edits or has made; undefined before. */
export function postId() {
  return form.dataset.editing?.split('/').pop();
}

export function chosenChannels() {
  return findAll('input[name="channels"]:checked');
}

export function channel(id) {
  return find(`input[name="channels"][value="${id}"]`);
}

export function group(id) {
  return find(`[data-group="${id}"]`);
}

/** Groups whose network has answered. */
export function askedGroups() {
  return findAll('[data-group]:not([data-waiting])');
}

export function element(name, className, text = '') {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

export function icon(name) {
  const icons = document.querySelector('[data-icons]').content;
  return icons.querySelector(`[data-icon="${name}"]`).firstElementChild.cloneNode(true);
}

/** Calls it once, when nothing has happened for so long. */
export function later(act, pauseMs) {
  let pause;
  return () => {
    clearTimeout(pause);
    pause = setTimeout(act, pauseMs);
  };
}
