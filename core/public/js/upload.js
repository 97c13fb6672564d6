// The page Files: every file that is chosen, or dropped anywhere on the page, goes on its way with a row that tells how
// far it is. Without this script the form sends one file itself.
const form = document.querySelector('form[data-upload]');
if (form) improve(form);

function improve(form) {
  const words = document.querySelector('[data-upload-words]').dataset;
  const module = import(words.module);
  const rows = new Map();
  const rowOf = (sending) => rows.get(sending) ?? remember(rows, sending, addRow(sending, words));
  const order = {
    endpoint: words.endpoint,
    csrf: form.elements._csrf.value,
    words,
    onState: (state, sentence, sending) => showState(rowOf(sending), { state, sentence, sending, words }),
    onProgress: (sent, total, sending) => showProgress(rowOf(sending), { sent, total, sending }),
    onReady: (id, html, sending) => {
      showReady(rowOf(sending), { id, html });
      announce(words.ready.replace('%name%', sending.file.name));
    },
  };
  const sendAll = async (files) => {
    const { uploadFiles } = await module;
    for (const sending of uploadFiles(files, order)) rowOf(sending);
  };
  improveField(form, sendAll);
}

function improveField(form, sendAll) {
  const input = form.querySelector('input[type=file]');
  const drop = form.querySelector('.cd-drop');
  input.multiple = true;
  drop.classList.add('whole');
  form.querySelector('button[type=submit]').hidden = true;
  const sendChosen = () => {
    void sendAll([...input.files]);
    input.value = '';
  };
  input.addEventListener('change', sendChosen);
  // Chosen by somebody who was quicker than this script, which has taken the button away.
  if (input.files.length > 0) sendChosen();
  const isOfFiles = (event) => event.dataTransfer.types.includes('Files');
  for (const name of ['dragenter', 'dragover', 'drop']) {
    document.addEventListener(name, (event) => {
      if (!isOfFiles(event)) return;
      event.preventDefault();
      drop.classList.toggle('over', name !== 'drop');
      if (name === 'drop') void sendAll([...event.dataTransfer.files]);
    });
  }
  // Out of the window.
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) drop.classList.remove('over');
  });
}

function remember(rows, sending, row) {
  rows.set(sending, row);
  return row;
}

function addRow(sending, words) {
  const { name, size } = sending.file;
  const item = document.createElement('li');
  const bar = document.createElement('progress');
  bar.max = Math.max(1, size);
  bar.value = 0;
  bar.setAttribute('aria-label', name);
  const said = element('p', 't-fine t-2 t-num', '');
  const pause = button(words.pause, words.pauseName.replace('%name%', name));
  const goOn = button(words.goOn, words.goOnName.replace('%name%', name));
  const stop = button(words.stop, words.stopName.replace('%name%', name));
  const acts = element('div', 'acts', '');
  acts.append(pause, goOn, stop);
  item.append(element('p', 't-small t-strong t-clip', name), acts, bar, said);
  pause.addEventListener('click', () => {
    sending.pause();
    goOn.focus();
  });
  goOn.addEventListener('click', () => {
    sending.goOn();
    pause.focus();
  });
  stop.addEventListener('click', () => sending.stop());
  const list = document.querySelector('#uploads');
  list.hidden = false;
  list.append(item);
  return { item, bar, said, pause, goOn, stop, acts };
}

/** The colour of each state, by the names that states have everywhere. */
const tones = {
  sending: 'publishing',
  reading: 'reading',
  away: 'needs-attention',
  failed: 'failed',
  stopped: 'failed',
};

function showState(row, { state, sentence, sending, words }) {
  const sentences = { waiting: words.waiting, reading: words.reading, paused: words.paused, stopped: words.stopped };
  const isOver = ['failed', 'stopped'].includes(state);
  row.item.dataset.state = tones[state] ?? 'paused';
  const told = sentence || sentences[state];
  if (told) row.said.textContent = told.replace('%name%', sending.file.name);
  if (sending.explained) row.said.append(' ', sending.explained);
  if (isOver) row.said.setAttribute('role', 'alert');
  else row.said.removeAttribute('role');
  row.bar.hidden = isOver;
  row.pause.hidden = !['waiting', 'sending', 'away'].includes(state);
  row.goOn.hidden = state !== 'paused' && !sending.canGoOn;
  row.stop.hidden = isOver && !sending.canGoOn;
}

function showProgress(row, { sent, total, sending }) {
  row.bar.value = sent;
  const percent = Math.floor((100 * sent) / total);
  row.said.textContent = `${percent} % · ${megabytes(sent)} / ${megabytes(total)} MB`;
  if (sending.id !== null) forgetUnfinished(sending.id);
}

/** The server's own markup of the finished item. */
function showReady(row, { id, html }) {
  const holder = document.createElement('template');
  holder.innerHTML = html;
  const library = document.querySelector('#library');
  document.querySelector('#no-files')?.remove();
  // One whose last answer was lost may stand there already.
  library.querySelector(`[data-media="${id}"]`)?.remove();
  library.prepend(holder.content);
  row.item.remove();
  const list = document.querySelector('#uploads');
  list.hidden = list.children.length === 0;
}

/** What goes on again stands above, and is no open end any more. */
function forgetUnfinished(id) {
  const section = document.querySelector('#unfinished');
  const item = section?.querySelector(`[data-upload="${id}"]`);
  if (!item) return;
  item.remove();
  const { length } = section.querySelectorAll('[data-upload]');
  const title = section.querySelector('h2');
  title.textContent = (length === 1 ? title.dataset.one : title.dataset.other).replace('%count%', String(length));
  section.hidden = length === 0;
}

function announce(text) {
  document.querySelector('#uploads-said').textContent = text;
}

function button(label, name) {
  const made = element('button', 'btn btn-sm btn-plain', label);
  made.type = 'button';
  made.setAttribute('aria-label', name);
  return made;
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function megabytes(bytes) {
  return (bytes / 1_000_000).toFixed(1);
}
