// Keeps what is written while it is written: a new post as a draft, a draft as its new version, words over a scheduled post
// beside it. Nothing but a button schedules. When the server is away the words wait in this tab.
const kit = await import(document.querySelector('[data-composer]').dataset.kit);
const { form, find, listen, typed, token, parse, say, later, element, icon } = kit;
const { fateOf, isOwn } = await import(form.dataset.leftovers);

const pauseMs = 2_000;
const tryAgainMs = 5_000;
const storage = window.sessionStorage;
const status = document.querySelector('[data-kept-line]');
/** What the server has. A form that came back with problems was not taken, nor what was typed before this script came. */
let kept = form.dataset.kept === 'no' || isAhead(document.activeElement) ? '' : words();
/** What was sent last, taken or not. */
let tried = kept;
/** Somebody has changed something; options that arrive are no such change. */
let isTouched = kept === '';
/** The one request that is on its way. */
let sending;
/** A person must decide first whose words stay. */
let isStopped = form.dataset.kept === 'stopped';
let isSent = false;
let again;

const soon = later(keep, pauseMs);
listen(['input', 'change', 'composer:media'], () => {
  isTouched = true;
  soon();
});
window.addEventListener('online', keep);
window.addEventListener('pagehide', leave);
window.addEventListener('pageshow', () => (isSent = false));
form.addEventListener('submit', beforeSending, { capture: true });
sendLeftovers();
if (isTouched) soon();

function isAhead(field) {
  if (!form.contains(field) || field.defaultValue === undefined) return false;
  return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
}

/** Never a declaration: nothing is agreed to before a button is pressed. */
function body() {
  const fields = typed();
  for (const name of [...fields.keys()]) if (name.startsWith('declaration.') || name === '_csrf') fields.delete(name);
  return fields;
}

/** What is compared: without the version, which grows by being kept, and without what is empty either way. */
function words() {
  const fields = body();
  for (const name of ['version', 'mediaBefore', 'dueSeen', 'nonce']) fields.delete(name);
  return [...fields]
    .filter(([, value]) => value !== '')
    .map((field) => field.join('='))
    .sort()
    .join('\n');
}

function hasNews() {
  return isTouched && !isSent && !isStopped && words() !== kept && isWorthKeeping();
}

function isWorthKeeping() {
  if (form.dataset.editing) return true;
  return ['channels', 'media'].some((name) => typed().has(name)) || find('#caption').value.trim() !== '';
}

function path() {
  return form.dataset.editing ? `${form.dataset.editing}/draft` : `${form.dataset.posts}/drafts`;
}

async function keep() {
  if (sending || !hasNews()) return;
  clearTimeout(again);
  const mine = words();
  tried = mine;
  sending = send(path(), body()).then((answer) => take(answer, mine), waitForServer);
  await sending;
  sending = undefined;
  // What was typed while it was on its way.
  if (words() !== tried) soon();
}

async function send(address, fields) {
  const response = await fetch(address, { method: 'POST', body: fields, headers: token() });
  if (response.redirected || response.status === 403) return { kind: 'signedOut' };
  if (response.status >= 500) throw new Error(`The answer was ${response.status}.`);
  return { kind: response.status, part: parse(await response.text()).firstElementChild };
}

function take({ kind, part }, mine) {
  again = undefined;
  if (kind === 'signedOut') {
    rememberHere();
    tell(note(say('signedOut')));
  } else if (kind === 200) {
    kept = mine;
    storage.removeItem(place());
    settle(part);
  } else if (kind === 409 && part?.dataset.version) askWhose(part, keepTyped);
  else tell(part);
}

/** The post has an address now: the form edits it from here on. */
function settle(part) {
  const { version, action, keptAs } = part.dataset;
  if (keptAs === 'draft') find('[name="version"]').value = version;
  if (!form.dataset.editing) {
    form.dataset.editing = action;
    form.action = action;
    nameToOthers(action.split('/').pop());
    window.history.replaceState(window.history.state, '', `${action}/edit`);
  }
  tell(part);
}

/** What is asked about this post from here on leaves the post itself out. */
function nameToOthers(id) {
  const sameText = find('[data-same-text]');
  if (sameText) sameText.dataset.sameText += `?post=${id}`;
  const forecast = find('[data-forecast]');
  if (forecast) forecast.dataset.post = id;
}

/** The first time it is said aloud; from then on only what goes wrong is news. */
function tell(part) {
  const isFine = part.dataset.keptAs !== undefined;
  status.setAttribute('aria-live', isFine && status.dataset.said === 'fine' ? 'off' : 'polite');
  status.dataset.said = isFine ? 'fine' : 'trouble';
  status.replaceChildren(part);
}

function note(text) {
  const made = element('p', 'sub row-x', text);
  made.dataset.tone = 'warn';
  made.prepend(icon('warn'));
  return made;
}

function waitForServer() {
  rememberHere();
  tell(note(say('offline')));
  again = setTimeout(() => {
    again = undefined;
    keep();
  }, tryAgainMs);
}

function askWhose(part, keepMine) {
  isStopped = true;
  const above = find('[data-conflict]');
  above.replaceChildren(part);
  part.scrollIntoView({ block: 'nearest' });
  find('[data-load-saved]', part).addEventListener('click', () => {
    kept = words();
    storage.removeItem(place());
  });
  find('[data-keep-mine]', part).addEventListener('click', () => {
    isStopped = false;
    above.replaceChildren();
    keepMine(part.dataset.version);
  });
}

function keepTyped(version) {
  find('[name="version"]').value = version;
  keep();
}

/** Leaving: the last words go along; should they not arrive, this tab still has them. */
function leave() {
  if (!hasNews()) return;
  rememberHere();
  fetch(path(), { method: 'POST', body: body(), headers: token(), keepalive: true }).catch(() => undefined);
}

/** Where unsent words of this form wait. Forms without a post go by their own number. */
function place() {
  return `composer ${path()}${form.dataset.editing ? '' : ` ${find('[name="nonce"]').value}`}`;
}

function rememberHere() {
  const { person } = form.dataset;
  storage.setItem(place(), JSON.stringify({ path: path(), body: body().toString(), person }));
}

/** Words of this tab that did not arrive before; the same words twice are one. */
async function sendLeftovers() {
  for (const name of Object.keys(storage).filter((one) => one.startsWith('composer '))) {
    const left = JSON.parse(storage.getItem(name));
    if (!isOwn(left, form.dataset.person)) continue;
    try {
      await sendLeft(name, left.path, new URLSearchParams(left.body));
    } catch {
      // Still away: they wait for the next time.
      return;
    }
  }
}

async function sendLeft(name, address, fields) {
  const { kind, part } = await send(address, fields);
  const isHere = address === path();
  const fate = fateOf({ kind, version: part?.dataset.version }, isHere);
  if (fate === 'forget') {
    storage.removeItem(name);
    if (form.dataset.editing && isHere && !isTouched) showNewest(part);
  } else if (fate === 'ask') {
    askWhose(part, (version) => {
      fields.set('version', version);
      sendLeft(name, address, fields).catch(waitForServer);
    });
  } else if (fate === 'tell' && part) tell(part);
}

/** They belong to the post on this page, which was drawn before they arrived. */
function showNewest(part) {
  if (part.dataset.keptAs === 'draft' && part.dataset.version === find('[name="version"]').value) return;
  window.location.reload();
}

/** A press of a button waits for what is on its way, so that it presses the version that stands. */
function beforeSending(event) {
  if (event.defaultPrevented) return;
  if (!sending) {
    isSent = true;
    storage.removeItem(place());
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const { submitter } = event;
  sending.then(() => setTimeout(() => form.requestSubmit(submitter)));
}
