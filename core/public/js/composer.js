// The composer: options of a channel as soon as it is ticked, the dialog for media, the declaration and the clock's
// warnings before anything is sent. Without this script the same form does it all with two more presses.
const form = document.querySelector('[data-composer]');
const find = (selector, within = form) => within.querySelector(selector);
const findAll = (selector, within = form) => [...within.querySelectorAll(selector)];

/** Long enough to let a person finish typing a time. */
const pauseMs = 250;
/** How often the declaration was asked for: only the last answer counts. */
let declarationAsked = 0;

if (form) {
  for (const part of findAll('[data-without-script]')) part.hidden = true;
  showOptionsOfTickedChannels();
  chooseMediaInDialog();
  keepDeclarationTrue();
  tellAboutDueTime();
  sendOnce();
  focusFirstProblem();
}

function showOptionsOfTickedChannels() {
  for (const box of findAll('input[name="channels"]')) {
    box.addEventListener('change', () => (box.checked ? addOptions(box) : removeOptions(box)));
    // A page that comes back from the browser's memory asks again: options are never old.
    if (box.checked && !groupOf(box)) addOptions(box);
  }
}

function groupOf(box) {
  return find(`[data-group="${box.value}"]`);
}

async function addOptions(box) {
  removeOptions(box);
  const section = find('[data-options-section]');
  section.hidden = false;
  const waiting = document.createElement('p');
  waiting.className = 't-2';
  waiting.dataset.group = box.value;
  waiting.setAttribute('role', 'status');
  waiting.textContent = said('asking', box);
  find('[data-groups]').append(waiting);
  try {
    const address = `${form.dataset.options}?channel=${encodeURIComponent(box.value)}`;
    const html = await read(await fetch(address));
    if (waiting.isConnected) waiting.replaceWith(...parse(html).children);
    showCaptionLimit();
  } catch {
    waiting.setAttribute('role', 'alert');
    waiting.textContent = said('unreachable', box);
  }
  refreshDeclaration();
}

function removeOptions(box) {
  groupOf(box)?.remove();
  showCaptionLimit();
  find('[data-options-section]').hidden = !find('[data-group]');
  refreshDeclaration();
}

/** Of all chosen channels the strictest counts; app.js colours what is over. */
function showCaptionLimit() {
  const limits = findAll('[data-caption-limit]').map((group) => Number(group.dataset.captionLimit));
  const counter = find('[data-count]');
  const limit = Math.min(...limits);
  find('[data-of]', counter).textContent =
    limits.length === 0 ? '' : ` / ${limit.toLocaleString(document.documentElement.lang)}`;
  if (limits.length === 0) delete counter.dataset.limit;
  else counter.dataset.limit = String(limit);
  find(counter.dataset.count).dispatchEvent(new Event('input'));
}

function said(key, box) {
  const texts = document.querySelector('[data-texts]').dataset;
  return texts[key].replaceAll('{{channel}}', box.dataset.nickname);
}

/** @throws when the answer is no fragment of ours, e.g. because the session has ended */
async function read(response) {
  if (!response.ok || response.redirected) throw new Error(`The answer was ${response.status}.`);
  return response.text();
}

function parse(html) {
  return new DOMParser().parseFromString(html, 'text/html').body;
}

function chooseMediaInDialog() {
  const opener = find('[data-choose]');
  const dialog = find('#choose-media');
  opener.addEventListener('click', (event) => {
    event.preventDefault();
    if (!dialog.open) dialog.showModal();
  });
  for (const button of findAll('[data-use], [data-close]', dialog)) {
    button.addEventListener('click', (event) => {
      event.preventDefault();
      dialog.close();
    });
  }
  dialog.addEventListener('close', showChosenMedia);
  showChosenMedia();
}

function showChosenMedia() {
  const chosen = find('input[name="media"]:checked');
  find('[data-chosen]').hidden = !chosen;
  find('[data-no-media]').hidden = Boolean(chosen);
  if (!chosen) return;
  find('[data-chosen] [data-name]').textContent = chosen.dataset.name;
  find('[data-chosen] [data-line]').textContent = chosen.dataset.line;
  const place = find('[data-chosen] [data-poster]');
  if (!chosen.dataset.poster) {
    place.replaceChildren();
    return;
  }
  const poster = document.createElement('img');
  poster.className = 'cd-cover l';
  poster.alt = '';
  poster.src = chosen.dataset.poster;
  place.replaceChildren(poster);
}

/** The declaration above the button always fits what is chosen: it is what the person agrees to. */
function keepDeclarationTrue() {
  find('[data-groups]').addEventListener('change', refreshDeclaration);
}

async function refreshDeclaration() {
  declarationAsked += 1;
  const mine = declarationAsked;
  const body = new URLSearchParams(new FormData(form));
  const headers = { 'x-csrf-token': find('[name="_csrf"]').value };
  try {
    const html = await read(await fetch(form.dataset.declaration, { method: 'POST', body, headers }));
    if (mine === declarationAsked) find('[data-declarations]').replaceChildren(...parse(html).childNodes);
  } catch {
    // The server compares what stood here with what is chosen, and shows the right declaration before it takes anything.
  }
}

function tellAboutDueTime() {
  const [date, time] = [find('[name="date"]'), find('[name="time"]')];
  let pause;
  const ask = async () => {
    const query = new URLSearchParams({ date: date.value, time: time.value });
    try {
      const html = await read(await fetch(`${form.dataset.due}?${query}`));
      if (query.get('date') !== date.value || query.get('time') !== time.value) return;
      find('[data-due-note]').replaceChildren(...parse(html).childNodes);
    } catch {
      // The server tells it when the form is sent.
    }
  };
  for (const field of [date, time]) {
    field.addEventListener('input', () => {
      clearTimeout(pause);
      pause = setTimeout(ask, pauseMs);
    });
  }
}

/** The second press of an impatient finger sends nothing; Enter in a field is no press of a button. */
function sendOnce() {
  let isSent = false;
  form.addEventListener('submit', (event) => {
    if (isSent) event.preventDefault();
    isSent = true;
  });
  window.addEventListener('pageshow', () => {
    isSent = false;
  });
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target.matches('input')) event.preventDefault();
  });
}

function focusFirstProblem() {
  find('[aria-invalid="true"], [data-invalid]')?.focus();
}
