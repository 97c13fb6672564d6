// What is still missing before the post can be scheduled, as a link to its field. The button stays in reach of everybody:
// pressed too early it leads to that field and says why. Without this script the server answers the same.
const kit = await import(document.querySelector('[data-composer]').dataset.kit);
const { find, findAll, say, listen, chosenChannels, group } = kit;
const line = find('[data-missing-line]');
const buttons = findAll('.cd-actbar [data-for]');
/** Options of many channels arrive in a row, each with many changes. */
let waiting;

listen(['input', 'change', 'composer:groups', 'composer:channels', 'composer:media'], () => {
  // After the scripts of the networks have done their part with the same event.
  soon();
});
// Their scripts also change what is missing without any event of ours.
new window.MutationObserver(soon).observe(find('[data-groups]'), {
  subtree: true,
  childList: true,
  attributeFilter: ['hidden', 'data-missing', 'disabled'],
});
for (const button of buttons) {
  button.addEventListener('click', (event) => {
    if (button.getAttribute('aria-disabled') !== 'true') return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const [first] = missing();
    const said = find('[data-pressed-too-early]');
    said.textContent = '';
    setTimeout(() => (said.textContent = `${say('missVerb')} ${first.words}`));
    goTo(first.field);
  });
}
find('a', line).addEventListener('click', (event) => {
  event.preventDefault();
  goTo(missing()[0].field);
});
show();

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(show);
}

function goTo(id) {
  const field = document.getElementById(id);
  field?.closest('details:not([open])')?.setAttribute('open', '');
  field?.scrollIntoView({ block: 'center' });
  field?.focus({ preventScroll: true });
}

function show() {
  const things = missing();
  const [first, ...others] = things;
  line.hidden = !first;
  for (const button of buttons) {
    if (first) button.setAttribute('aria-disabled', 'true');
    else button.removeAttribute('aria-disabled');
    // What pressing declares is heard with the button, behind what is missing.
    button.setAttribute('aria-describedby', first ? 'missing declaration' : 'declaration');
    // What a network prescribes for the button stands there whatever else is missing.
    button.title = things.find(({ title }) => title)?.title ?? '';
  }
  if (!first) return;
  const link = find('a', line);
  if (link.textContent !== first.words) link.textContent = first.words;
  link.setAttribute('href', `#${first.field}`);
  const more =
    others.length === 0 ? '' : say(others.length === 1 ? 'missMoreOne' : 'missMore', { count: others.length });
  find('[data-more]', line).textContent = more;
}

/** Each with its words behind “Choose” and the id of the field to go to, in the order of the page. */
function missing() {
  const when = find('[name="when"]:checked')?.value;
  if (when === 'draft') return [];
  return [...ofThePost(), ...chosenChannels().flatMap(ofChannel), ...ofTime(when)];
}

function ofThePost() {
  const things = [];
  const first = find('input[name="channels"]:not(:disabled)');
  if (chosenChannels().length === 0) things.push({ words: say('missChannel'), field: first?.id ?? 'channels' });
  if (!find('[name="media"]:checked')) things.push({ words: say('missMedia'), field: 'add-media' });
  if (find('[data-count="#caption"][data-tone="bad"]')) things.push({ words: say('missCaption'), field: 'caption' });
  return things;
}

function ofChannel(box) {
  const options = group(box.value);
  const { nickname } = box.dataset;
  if (!options) return [];
  if (options.dataset.refused !== undefined)
    return [{ words: say('missRefused', { channel: nickname }), field: box.id }];
  if (options.dataset.waiting !== undefined)
    return [{ words: say('missWaiting', { channel: nickname }), field: box.id }];
  const own = find(`[data-own="${box.value}"] .cd-count[data-tone="bad"]`);
  const misfit = find('[data-media-problem]', options);
  return [
    ...(misfit ? [{ words: say('missMisfit', { channel: nickname }), field: 'add-media' }] : []),
    ...(own ? [{ words: say('missCaptionFor', { channel: nickname }), field: `caption-${box.value}` }] : []),
    ...ofOptions(options, nickname),
  ];
}

/** What the network's own view says is missing; where it says nothing, a required field that is empty. */
function ofOptions(options, nickname) {
  const told = findAll('[data-missing]', options).filter((element) => !element.closest('[hidden]'));
  const named = told
    .filter(({ dataset }) => dataset.missing !== '')
    .map(({ dataset }) => ({
      words: dataset.missingWords ?? dataset.missing,
      title: dataset.missing,
      field: dataset.missingFor,
    }));
  const known = new Set(named.map(({ field }) => field));
  const empty = findAll(':is(select, input, textarea):required', options)
    .filter((field) => !field.disabled && field.value === '' && !known.has(field.id))
    .map((field) => ({ words: say('missField', { field: labelOf(field), channel: nickname }), field: field.id }));
  return [...empty, ...named];
}

/** Not by `labels`, for which the browser looks through the whole page. */
function labelOf(field) {
  return find(`label[for="${field.id}"]`, field.parentElement)?.textContent.trim() ?? field.name;
}

function ofTime(when) {
  if (when !== 'schedule') return [];
  const fields = [
    ['date', 'missDate'],
    ['time', 'missTime'],
  ];
  return fields
    .map(([name, key]) => ({ field: find(`[name="${name}"]`), words: say(key) }))
    .filter(({ field }) => field.value === '')
    .map(({ field, words }) => ({ words, field: field.id }));
}
