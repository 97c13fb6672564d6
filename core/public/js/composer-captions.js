// A caption of its own for single channels, and how long each may be.
const kit = await import(document.querySelector('[data-composer]').dataset.kit);
const { form, find, findAll, listen, chosenChannels, group } = kit;
const fields = find('[data-own-fields]');
const template = find('[data-own-template]');
/** What was typed for a channel that is unticked now: it comes back with it. */
const put = new Map();

listen(['composer:channels', 'composer:groups'], () => {
  fitFields();
  showLimits();
});
fields.addEventListener('input', ({ target }) => count(target.closest('[data-own]')));
form.addEventListener('input', ({ target }) => {
  if (target.name?.startsWith('captions.')) showLimits();
});
fitFields();
showLimits();

function fitFields() {
  const chosen = chosenChannels();
  for (const own of findAll('[data-own]', fields)) {
    if (chosen.some(({ value }) => value === own.dataset.own)) continue;
    put.set(own.dataset.own, find('textarea', own).value);
    own.remove();
  }
  for (const box of chosen) if (!find(`[data-own="${box.value}"]`, fields)) fields.append(makeField(box));
  find('[data-no-own]').hidden = chosen.length > 0;
}

function makeField({ value: id, dataset }) {
  const own = template.content.firstElementChild.cloneNode(true);
  own.dataset.own = id;
  const [label, area] = [find('label', own), find('textarea', own)];
  label.textContent = label.textContent.replace('%nickname%', dataset.nickname);
  label.htmlFor = `caption-${id}`;
  area.id = `caption-${id}`;
  area.name = `captions.${id}`;
  area.value = put.get(id) ?? '';
  area.setAttribute('aria-describedby', `caption-${id}-help`);
  find('.hint', own).id = `caption-${id}-help`;
  return own;
}

const inWords = (number) => number.toLocaleString(document.documentElement.lang);

function limitOf(id) {
  return Number(group(id)?.dataset.captionLimit ?? Number.POSITIVE_INFINITY);
}

/** The strictest of the channels that take the post's caption counts for it; app.js colours what is over. */
function showLimits() {
  for (const own of findAll('[data-own]', fields)) count(own);
  const takers = chosenChannels().filter(({ value }) => (find(`#caption-${value}`)?.value ?? '').trim() === '');
  const limit = Math.min(...takers.map(({ value }) => limitOf(value)));
  const counter = find('[data-count="#caption"]');
  find('[data-of]', counter).textContent = Number.isFinite(limit) ? ` / ${inWords(limit)}` : '';
  if (Number.isFinite(limit)) counter.dataset.limit = String(limit);
  else delete counter.dataset.limit;
  const isOver = find('#caption').value.length > limit;
  if (isOver) counter.dataset.tone = 'bad';
  else delete counter.dataset.tone;
}

function count(own) {
  const [area, counter] = [find('textarea', own), find('[data-own-count]', own)];
  const limit = limitOf(own.dataset.own);
  counter.firstElementChild.textContent = inWords(area.value.length);
  find('[data-of]', counter).textContent = Number.isFinite(limit) ? ` / ${inWords(limit)}` : '';
  if (area.value.length > limit) counter.dataset.tone = 'bad';
  else delete counter.dataset.tone;
}
