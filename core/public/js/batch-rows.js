// The cells of the table: captions, times, channels, ticks. Saved as they are typed; Enter saves at once and goes one row
// down, Shift and Enter begins a new line.
const { root, find, findAll, rows, openRows, chosenRows, refsOf, post, save, settled, take, tell, changed } =
  await import(document.querySelector('[data-batch]').dataset.module);

const pauseMs = 600;
const pauses = new Map();
const table = find('table', root);
const picker = find('#pick-channels');
/** The rows that the open dialog is about. */
let picking = [];

saveCells();
chooseRows();
if (picker) pickChannels();
actOnMany();

function rowOf(element) {
  return element.closest('tr[data-row]');
}

function saveCells() {
  table.addEventListener('input', ({ target }) => {
    if (!target.name) return;
    clearTimeout(pauses.get(target));
    pauses.set(
      target,
      setTimeout(() => saveField(target), pauseMs),
    );
  });
  table.addEventListener('focusout', ({ target }) => pauses.has(target) && saveField(target));
  table.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || !event.target.name) return;
    event.preventDefault();
    saveField(event.target);
    below(event.target)?.focus();
  });
  root.addEventListener('flush', flush);
  document.addEventListener('visibilitychange', () => document.hidden && flush());
  // Typed by somebody who was quicker than this script.
  const { activeElement: field } = document;
  if (table.contains(field) && field.value !== field.defaultValue)
    field.dispatchEvent(new Event('input', { bubbles: true }));
}

function flush() {
  for (const field of [...pauses.keys()]) saveField(field);
}

function saveField(field) {
  const row = rowOf(field);
  clearTimeout(pauses.get(field));
  pauses.delete(field);
  if (field.name === 'caption') return void save(row, [['caption', field.value]]);
  const fields = ['date', 'time'].map((name) => [name, find(`[name="${name}"]`, row).value]);
  void save(row, fields);
}

/** The same cell of the next row that has one. */
function below(field) {
  const all = rows();
  const others = all.slice(all.indexOf(rowOf(field)) + 1);
  return others.map((row) => find(`[name="${field.name}"]`, row)).find((found) => found !== null);
}

function chooseRows() {
  table.addEventListener('change', ({ target }) => {
    if (!target.matches('[data-all], [data-choose]')) return;
    if (target.matches('[data-all]')) for (const row of openRows()) find('[data-choose]', row).checked = target.checked;
    else rowOf(target).dataset.decided = '';
    changed();
  });
  table.addEventListener('click', ({ target }) => {
    const button = target.closest('[data-take-out]');
    if (button) void takeOut(rowOf(button));
  });
}

async function takeOut(row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  const answer = await post(`/rows/${row.dataset.row}/removal`, []);
  if (answer.status !== 200) return;
  row.remove();
  tell(answer.body);
  if (next) find('[data-take-out]', next)?.focus();
  changed();
}

function pickChannels() {
  table.addEventListener('click', ({ target }) => {
    const button = target.closest('[data-pick]');
    if (button) openPicker([rowOf(button)]);
  });
  find('[data-pick-all]', root).addEventListener('click', () => openPicker(chosenRows()));
  find('form.body', picker).addEventListener('submit', () => {
    const list = picking.filter((row) => row.isConnected);
    const ids = findAll('input[name="channels"]:checked', picker).map((box) => box.value);
    const fields = [['channels', ids.join(',')]];
    if (list.length === 1) void save(list[0], [['picked', '1'], ...fields]);
    else void together('/channels', list, fields);
  });
}

function openPicker(list) {
  if (list.length === 0) return;
  picking = list;
  const ids = list[0].dataset.channels.split(',');
  for (const box of findAll('input[name="channels"]', picker)) box.checked = ids.includes(box.value);
  picker.showModal();
}

function actOnMany() {
  find('[data-name-by-files]', root)?.addEventListener('click', () => void together('/captions', chosenRows(), []));
  root.addEventListener('fill', ({ detail }) => void together('/times', chosenRows(), detail));
}

/** One request about many rows, after everything that was typed in them. */
async function together(path, list, fields) {
  await settled();
  const answer = await post(path, [['rows', refsOf(list)], ...fields]);
  take(answer.body, [['caption']]);
  tell(answer.body);
  changed();
}
