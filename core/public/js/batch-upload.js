// Files that become rows of a batch as soon as they have arrived, in the order they were chosen in.
const { root, words, find, findAll, rows, post, changed } = await import(
  document.querySelector('[data-batch]').dataset.module
);

const input = find('[data-upload] input');
const list = find('tbody', root);
const retryMs = 4_000;
/** Files on their way: each has a line of the table until its row is there. */
const lines = new Map();

if (input) {
  input.addEventListener('change', send);
  // Chosen by somebody who was quicker than this script.
  if (input.files.length > 0) void send();
}

async function send() {
  const files = [...input.files];
  input.value = '';
  const upload = find('[data-upload-words]').dataset;
  const { uploadFiles } = await import(upload.module);
  const places = findAll('[data-place]', list).map((row) => Number(row.dataset.place));
  const first = Math.max(-1, ...places) + 1;
  const sendings = uploadFiles(files, {
    ...{ endpoint: upload.endpoint, csrf: words.csrf, words: upload },
    onProgress: (sent, total, sending) => showPart(sending, sent / total),
    onState: (_state, sentence, sending) => showSentence(sending, sentence),
    onReady: (mediaId, _html, sending) => void arrive(sending, mediaId),
    onProblem: (sentence, sending) => refuse(sending, sentence),
  });
  for (const [n, sending] of sendings.entries()) addLine(sending, first + n);
  find('[data-empty]', root).hidden = true;
  showCount();
}

function showCount() {
  const [here, more] = [rows().length, lines.size];
  const text = words.wordUploading.replace('%here%', here).replace('%more%', more);
  find('[data-uploading]').textContent = more > 0 ? text : '';
  const title = find('[data-title]');
  title.textContent = title.textContent.replace(/\d+/, here + more);
}

async function arrive(sending, mediaId) {
  const line = lines.get(sending);
  try {
    const n = findAll('tr', list).indexOf(line) + Number(words.first);
    const answer = await post('/rows', { media: mediaId, place: line.dataset.place, n });
    const row = find('tr[data-row]', answer.body);
    if (row === null) throw new Error(`The answer was ${answer.status}.`);
    line.replaceWith(row);
  } catch {
    // The file is in the library; its row is asked for until it is there.
    setTimeout(() => void arrive(sending, mediaId), retryMs);
    return;
  }
  lines.delete(sending);
  showCount();
  changed();
}

function refuse(sending, sentence) {
  const line = lines.get(sending);
  find('progress', line).remove();
  line.dataset.tone = 'bad';
  delete line.dataset.place;
  const said = find('[data-part]', line);
  said.textContent = sentence;
  if (sending.explained) said.append(' ', sending.explained);
  said.setAttribute('role', 'alert');
  lines.delete(sending);
  showCount();
}

function showPart(sending, part) {
  const line = lines.get(sending);
  if (!line) return;
  const percent = Math.floor(part * 100);
  find('progress', line).value = percent;
  find('[data-part]', line).textContent = `${percent} %`;
}

function showSentence(sending, sentence) {
  const line = lines.get(sending);
  if (line && sentence) find('[data-part]', line).textContent = sentence;
}

function addLine(sending, place) {
  const line = find('[data-line-template]', root).content.querySelector('tr').cloneNode(true);
  line.dataset.place = String(place);
  const { name } = sending.file;
  find('[data-name]', line).textContent = name;
  find('progress', line).setAttribute('aria-label', name);
  const stop = find('button', line);
  stop.setAttribute('aria-label', words.wordStopUpload.replace('%name%', name));
  stop.addEventListener('click', () => {
    sending.stop();
    line.remove();
    lines.delete(sending);
    showCount();
  });
  lines.set(sending, line);
  list.append(line);
}
