// Times for the chosen rows: the times of a pattern, what the button will do, and the press itself.
const { root, words, find, findAll, chosenRows, get } = await import(
  document.querySelector('[data-batch]').dataset.module
);

const form = find('[data-fill]', root);
const pauseMs = 250;
let pause;

if (form) begin();

function begin() {
  find('[data-add-time]', form).addEventListener('click', () => addTime().focus());
  form.addEventListener('input', () => {
    nameTimes();
    preview();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (find('[data-end] button', form).getAttribute('aria-disabled') === 'true') return;
    root.dispatchEvent(new CustomEvent('fill', { detail: fields() }));
  });
  root.addEventListener('rows-changed', preview);
  addTime();
  preview();
}

function addTime() {
  const made = find('[data-time-template]', root).content.cloneNode(true).firstElementChild;
  find('button', made).addEventListener('click', () => {
    made.remove();
    nameTimes();
    find('[data-add-time]', form).focus();
    preview();
  });
  find('[data-times]', form).append(made);
  nameTimes();
  return find('input', made);
}

function nameTimes() {
  for (const [n, tag] of findAll('.cd-time', form).entries()) {
    const field = find('input', tag);
    field.setAttribute('aria-label', words.wordTimeName.replace('%n%', n + 1));
    find('button', tag).setAttribute('aria-label', words.wordRemoveTime.replace('%time%', field.value));
  }
}

function fields() {
  return [...new FormData(form).entries()].filter(([name, value]) => name !== 'times' || value !== '');
}

function preview() {
  clearTimeout(pause);
  pause = setTimeout(showEnd, pauseMs);
}

async function showEnd() {
  const isOfSlots = form.elements.fill.value === 'slots';
  find('[data-pattern]', form).hidden = isOfSlots;
  find('[data-slots-help]', form).hidden = !isOfSlots;
  const all = fields();
  const times = all.flatMap(([name, value]) => (name === 'times' ? [value] : []));
  const rest = all.filter(([name]) => name !== 'times');
  const query = [...rest, ['times', times.join(',')], ['count', chosenRows().length]];
  const body = await get(`${words.batch}/times`, query).catch(() => null);
  if (body === null) return;
  const end = find('[data-end]', form);
  const hadFocus = end.contains(document.activeElement);
  end.replaceChildren(...body.childNodes);
  if (hadFocus) find('button', end).focus();
}
