// What the scripts of the table of a batch share: its rows, and how they are saved. Each row is sent with the version that
// stands on the page, one after the other, so that two tabs are told of each other and nothing typed is lost.
export const root = document.querySelector('[data-batch]');
export const words = root.dataset;
export const find = (selector, within = document) => within.querySelector(selector);
export const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

const retryMs = 4_000;
/** What each row has to send, by post id. */
const waiting = new Map();
const running = new Map();

export const rows = () => findAll('tr[data-row]', root);
export const openRows = () => rows().filter((row) => row.dataset.state === 'draft');
export const chosenRows = () => openRows().filter((row) => find('[data-choose]', row)?.checked);
export const refsOf = (list) => list.map((row) => `${row.dataset.row}:${row.dataset.version}`).join(',');

/** Tells the other scripts that rows have changed, so that they are checked and counted anew. */
export function changed() {
  root.dispatchEvent(new CustomEvent('rows-changed'));
}

/** @param {string | URLSearchParams} fields @returns {Promise<{ status: number, body: HTMLElement }>} a fragment of ours */
export async function post(path, fields, more = {}) {
  const headers = { 'x-csrf-token': words.csrf };
  const answer = await fetch(`${words.batch}${path}`, {
    ...{ method: 'POST', body: new URLSearchParams(fields), headers },
    ...more,
  });
  if (answer.redirected) throw new Error('The session has ended.');
  return { status: answer.status, body: parse(await answer.text()) };
}

export async function get(path, fields) {
  const answer = await fetch(`${path}?${new URLSearchParams(fields)}`);
  if (!answer.ok || answer.redirected) throw new Error(`The answer was ${answer.status}.`);
  return parse(await answer.text());
}

export function parse(html) {
  return new DOMParser().parseFromString(html, 'text/html').body;
}

/** Sends what was typed in a row, after what is already on its way. A second call before that joins it. */
export function save(row, fields) {
  const id = row.dataset.row;
  waiting.set(id, [
    ...(waiting.get(id) ?? []).filter(([name]) => !fields.some(([other]) => other === name)),
    ...fields,
  ]);
  if (!running.has(id))
    running.set(
      id,
      sendAll(id).finally(() => running.delete(id)),
    );
  return running.get(id);
}

/** Resolves when everything typed so far is kept, or cannot be. */
export async function settled() {
  root.dispatchEvent(new CustomEvent('flush'));
  await Promise.all(running.values());
}

async function sendAll(id) {
  while (waiting.has(id)) {
    const fields = waiting.get(id);
    const row = find(`tr[data-row="${id}"]`, root);
    if (row === null) return waiting.delete(id);
    waiting.delete(id);
    const version = row.dataset.version;
    let answer;
    try {
      answer = await post(`/rows/${id}`, [...fields, ['version', version], ['n', row.dataset.n]], { keepalive: true });
    } catch {
      answer = { status: 0 };
    }
    if (answer.status === 200) take(answer.body, fields);
    else if (answer.status === 409 || answer.status === 422) refuse(row, fields, answer.body);
    else await tryAgain(row, fields);
  }
  changed();
}

async function tryAgain(row, fields) {
  say(row, words.wordUnsaved);
  await new Promise((resolve) => setTimeout(resolve, retryMs));
  const newer = waiting.get(row.dataset.row) ?? [];
  const older = fields.filter(([name]) => !newer.some(([other]) => other === name));
  waiting.set(row.dataset.row, [...older, ...newer]);
}

/** What stands in the row's last cell until it is checked again. */
function say(row, text, buttons = []) {
  const said = document.createElement('span');
  said.className = 't-small';
  said.dataset.tone = 'bad';
  said.setAttribute('role', 'alert');
  said.textContent = `${text} `;
  row.dataset.refused = '';
  row.dataset.tone = 'bad';
  find('[data-check]', row).replaceChildren(said, ...buttons);
}

/** Somebody else was faster, or it cannot be kept. What was typed stays where it is; the person decides. */
function refuse(row, fields, body) {
  const now = find('tr[data-row]', body);
  const said = find('[data-said-now]', body)?.textContent ?? '';
  if (now === null || now.dataset.version === row.dataset.version) return say(row, said);
  const button = (label, act) => {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = 'btn btn-sm';
    made.textContent = label;
    made.addEventListener('click', () => {
      delete row.dataset.refused;
      act();
    });
    return made;
  };
  const mine = button(words.wordKeepMine, () => {
    row.dataset.version = now.dataset.version;
    void save(row, fields);
  });
  const theirs = button(words.wordTakeTheirs, () => {
    row.replaceWith(number(now, row));
    changed();
  });
  say(row, said, [mine, theirs]);
}

/** Rows as the server has them now. What is being typed, ticked or has the focus stays. */
export function take(body, sent = []) {
  for (const now of findAll('tr[data-row]', body)) {
    const row = find(`tr[data-row="${now.dataset.row}"]`, root);
    if (row === null) continue;
    number(now, row);
    delete row.dataset.refused;
    Object.assign(row.dataset, { version: now.dataset.version, channels: now.dataset.channels });
    for (const cell of findAll('[data-cell]', now)) {
      const old = find(`[data-cell="${cell.dataset.cell}"]`, row);
      if (cell.dataset.cell !== 'check' && mayReplace(old, sent)) old.replaceWith(cell);
    }
  }
}

function mayReplace(cell, sent) {
  if (cell.contains(document.activeElement)) return false;
  const field = find('textarea', cell);
  return field === null || field.value === field.defaultValue || sent.some(([name]) => name === field.name);
}

/** The server numbers rows within an answer; on the page each keeps its own number. */
function number(now, row) {
  const { n } = row.dataset;
  const wrong = now.dataset.n;
  now.dataset.n = n;
  if (wrong !== n)
    for (const named of findAll('[aria-label]', now)) {
      const label = named.getAttribute('aria-label');
      named.setAttribute('aria-label', label.replace(`row ${wrong}`, `row ${n}`));
    }
  return now;
}

/** A sentence about what was done to many rows. */
export function tell(body) {
  const said = find('[data-said-now]', body);
  const place = find('[data-said]', root);
  if (said === null || place === null) return;
  place.textContent = said.textContent;
  if (said.dataset.tone === 'ok') delete place.dataset.tone;
  else place.dataset.tone = said.dataset.tone;
}
