// Sends chosen files one after another, with progress in real bytes. Without this script the form sends one file itself.
const form = document.querySelector('form[data-upload]');
if (form) improve(form);

function improve(form) {
  const input = form.querySelector('input[type=file]');
  const drop = form.querySelector('.cd-drop');
  input.multiple = true;
  drop.classList.add('whole');
  form.querySelector('button[type=submit]').hidden = true;
  let waiting = Promise.resolve();
  const sendAll = (files) => {
    for (const file of files) {
      const row = addRow(form, file);
      waiting = waiting.then(() => (row.isStopped ? undefined : send(form, file, row)));
    }
  };
  input.addEventListener('change', () => {
    sendAll([...input.files]);
    input.value = '';
  });
  for (const [name, over] of [
    ['dragover', true],
    ['dragleave', false],
    ['drop', false],
  ]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle('over', over);
      if (name === 'drop') sendAll([...event.dataTransfer.files]);
    });
  }
}

function addRow(form, file) {
  const list = document.querySelector('#uploads');
  list.hidden = false;
  const item = document.createElement('li');
  item.dataset.state = 'publishing';
  const name = element('p', 't-small t-strong t-clip', file.name);
  const said = element('p', 't-fine t-2 t-num', `0 / ${megabytes(file.size)} MB`);
  const bar = document.createElement('progress');
  bar.max = file.size;
  bar.value = 0;
  bar.setAttribute('aria-label', file.name);
  const stop = element('button', 'btn btn-sm btn-plain', form.dataset.stop);
  stop.type = 'button';
  stop.setAttribute('aria-label', form.dataset.stopName.replace('%name%', file.name));
  item.append(name, bar, said, stop);
  list.append(item);
  const row = { item, said, bar, stop, isStopped: false, abort: () => undefined };
  stop.addEventListener('click', () => {
    row.isStopped = true;
    row.abort();
    finish(row, form.dataset.stopped.replace('%name%', file.name));
  });
  return row;
}

function send(form, file, row) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    row.abort = () => request.abort();
    request.upload.addEventListener('progress', (event) => {
      row.bar.value = Math.min(event.loaded, file.size);
      const percent = Math.floor((100 * event.loaded) / event.total);
      row.said.textContent = `${percent} % · ${megabytes(event.loaded)} / ${megabytes(event.total)} MB`;
    });
    request.upload.addEventListener('load', () => {
      row.said.textContent = form.dataset.reading;
    });
    request.addEventListener('load', () => {
      show(request, row);
      resolve();
    });
    request.addEventListener('error', () => {
      finish(row, form.dataset.lost.replace('%name%', file.name));
      resolve();
    });
    request.addEventListener('abort', () => resolve());
    const body = new FormData();
    body.append('file', file, file.name);
    request.open('POST', form.action);
    request.setRequestHeader('x-csrf-token', form.elements._csrf.value);
    request.setRequestHeader('x-requested-with', 'castdeck-upload');
    request.send(body);
  });
}

/** The server answers with markup of its own: the finished item, or why the file was not taken. */
function show(request, row) {
  const holder = document.createElement('template');
  holder.innerHTML = request.responseText;
  if (request.status === 201) {
    document.querySelector('#no-files')?.remove();
    document.querySelector('#library').prepend(holder.content);
    row.item.remove();
    const list = document.querySelector('#uploads');
    list.hidden = list.children.length === 0;
    return;
  }
  const refusal = holder.content.querySelector('[role=alert]');
  row.item.dataset.state = 'failed';
  row.bar.remove();
  row.stop.remove();
  if (refusal) row.said.replaceWith(refusal);
  else finish(row, `${request.status} ${request.statusText}`);
}

function finish(row, text) {
  row.item.dataset.state = 'failed';
  row.bar.remove();
  row.stop.remove();
  row.said.textContent = text;
  row.said.setAttribute('role', 'alert');
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
