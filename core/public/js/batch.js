// The table of a batch: each profile's options, asked after the page; how the rows stand; the bar with consent and button.
const { root, words, find, findAll, rows, openRows, chosenRows, refsOf, post, get, settled, changed } = await import(
  document.querySelector('[data-batch]').dataset.module
);

const form = find('[data-schedule]');
const options = find('[data-options]', root);
const pauseMs = 250;
let asked = 0;
let pause;
let isSent = false;
/** The answers that this page may go by are not older: when it was drawn, or asked for anew. */
let since = words.since;
/** What stands in each row's last cell, as it came. */
const told = new WeakMap();
/** What was chosen for the batch is on its way. */
let keeping = Promise.resolve();

if (form) begin();

function begin() {
  options.addEventListener('change', () => {
    keeping = keeping.then(() => post('/options', chosenOptions())).catch(() => undefined);
    changed();
  });
  options.addEventListener('submit', (event) => event.preventDefault());
  root.addEventListener('rows-changed', () => {
    showTicks();
    showGroups();
    clearTimeout(pause);
    pause = setTimeout(() => void check(), pauseMs);
  });
  form.addEventListener('submit', press);
  form.addEventListener('click', goToGroup);
  find('[data-again]', root).addEventListener('click', () => void askAgain());
  // A page from the browser's memory is old: options are asked anew.
  window.addEventListener('pageshow', ({ persisted }) => persisted && window.location.reload());
  changed();
}

function showTicks() {
  const all = find('[data-all]', root);
  const [count, open] = [chosenRows().length, openRows().length];
  all.checked = count > 0 && count === open;
  all.indeterminate = count > 0 && count < open;
  find('[data-empty]', root).hidden = rows().length > 0;
}

/** The groups of options are those of the channels that any row has. */
function showGroups() {
  const ids = new Set(openRows().flatMap((row) => row.dataset.channels.split(',').filter(Boolean)));
  for (const group of findAll('[data-group]', options)) if (!ids.has(group.dataset.group)) group.remove();
  for (const id of ids) if (!find(`[data-group="${id}"]`, options)) void addGroup(id);
  find('[data-no-options]', root).hidden = ids.size > 0;
}

function addGroup(id) {
  const waiting = document.createElement('p');
  waiting.className = 't-2';
  waiting.dataset.group = id;
  waiting.setAttribute('role', 'status');
  waiting.textContent = words.wordAsking;
  options.append(waiting);
  return redraw(waiting);
}

/** The options of one profile, as its network allows them now. */
async function redraw(group) {
  try {
    const body = await get(`${words.batch}/options`, { channel: group.dataset.group });
    const hadFocus = group.contains(document.activeElement) ? document.activeElement.id : '';
    if (group.isConnected) group.replaceWith(...body.children);
    nameColumns();
    if (hadFocus !== '') document.getElementById(hadFocus)?.focus();
  } catch {
    if (!group.matches('p')) return;
    group.setAttribute('role', 'alert');
    group.textContent = words.wordUnreachable;
  }
}

/** Under the same names above them, rows need no labels of their own. */
function nameColumns() {
  let network;
  for (const group of findAll('fieldset[data-group]', options)) {
    group.toggleAttribute('data-unnamed', group.dataset.network === network);
    if (find('.lbl', group)) network = group.dataset.network;
  }
}

/** Of the groups that are drawn. */
function chosenOptions() {
  const shown = findAll('fieldset[data-group]', options).map((group) => ['groups', group.dataset.group]);
  return [...shown, ...new FormData(options).entries()];
}

/** Every profile's network once more: what can be chosen, and how the rows stand with it. */
async function askAgain() {
  const button = find('[data-again]', root);
  if (button.getAttribute('aria-disabled') === 'true') return;
  button.setAttribute('aria-disabled', 'true');
  await keeping;
  const groups = findAll('[data-group]', options).map((group) => redraw(group));
  await Promise.all([...groups, check({ again: '1' })]);
  button.removeAttribute('aria-disabled');
}

async function check(more = {}) {
  asked += 1;
  const mine = asked;
  clearTimeout(pause);
  await keeping;
  const before = refsOf(chosenRows());
  const ids = chosenRows().map((row) => row.dataset.row);
  let body;
  try {
    body = await get(`${words.batch}/checks`, { page: words.page, rows: ids.join('.'), since, ...more });
  } catch {
    // The server checks again when the button is pressed.
    return;
  }
  if (mine !== asked) return;
  const answered = find('[data-asked-now]', body);
  since = answered.dataset.askedNow;
  find('[data-asked]', root).textContent = answered.textContent;
  for (const found of findAll('[data-check-of]', body)) showCheck(found);
  showBar(body);
  root.dataset.checked = String(Number(root.dataset.checked ?? 0) + 1);
  if (refsOf(chosenRows()) !== before) changed();
}

/** What does not fit is unticked, until the person ticks it themselves. */
function showCheck(found) {
  const row = find(`tr[data-row="${found.dataset.checkOf}"]`, root);
  if (row === null || row.matches('[data-refused]')) return;
  const { tone } = found.dataset;
  if (tone === 'bad') row.dataset.tone = 'bad';
  else delete row.dataset.tone;
  const cell = find('[data-check]', row);
  // The same words stay as they are: somebody may be reading them.
  const html = found.innerHTML;
  if (cell.firstElementChild === null || told.get(cell.firstElementChild) !== html) {
    cell.replaceChildren(...found.childNodes);
    told.set(cell.firstElementChild, html);
  }
  const box = find('[data-choose]', row);
  const fits = String(tone !== 'bad');
  if (box && row.dataset.fits !== fits && !row.matches('[data-decided]')) box.checked = tone !== 'bad';
  row.dataset.fits = fits;
}

function showBar(body) {
  for (const part of ['missing', 'declarations'])
    find(`[data-${part}]`, form).replaceChildren(...find(`[data-${part}-now]`, body).childNodes);
  const now = find('[data-press-now]', body);
  const button = find('[data-press]', form);
  button.textContent = now.textContent;
  if (now.matches('[data-off]')) button.setAttribute('aria-disabled', 'true');
  else button.removeAttribute('aria-disabled');
  button.title = now.matches('[data-off]') ? find('[data-missing]', form).textContent.trim() : '';
  find('[data-counted]', root).textContent = find('[data-counted-now]', body).textContent;
}

/** Pressed twice it is sent once; pressed too early it leads to what is missing. */
async function press(event) {
  event.preventDefault();
  if (isSent) return;
  if (find('[data-press]', form).getAttribute('aria-disabled') === 'true') {
    find('[data-missing] a', form)?.focus();
    return;
  }
  isSent = true;
  await settled();
  await keeping;
  form.elements.rows.value = refsOf(chosenRows());
  const carried = chosenOptions().map(([name, value]) =>
    Object.assign(document.createElement('input'), { type: 'hidden', name, value }),
  );
  find('[data-carried]', form).replaceChildren(...carried);
  form.submit();
}

function goToGroup(event) {
  const link = event.target.closest('[data-group-link]');
  if (!link) return;
  event.preventDefault();
  const group = find(`[data-group="${link.dataset.groupLink}"]`, options);
  const field = find(link.hash, options) ?? (group && find('select, input, textarea', group)) ?? find('#rule-h');
  field.focus();
  field.scrollIntoView({ block: 'center' });
}
