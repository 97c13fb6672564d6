// Options of each chosen channel, asked of its network after the page: four at once, in the place that is kept for them.
const kit = await import(document.querySelector('[data-composer]').dataset.kit);
const { form, find, findAll, say, tell, ask, group, channel, askedGroups, element } = kit;

const atOnce = 4;
const queue = [];
let running = 0;

for (const box of findAll('input[name="channels"]')) {
  box.addEventListener('change', () => (box.checked ? add(box) : remove(box)));
  // A page that comes back from the browser's memory asks again: options are never old.
  if (box.checked && !group(box.value)) add(box);
}
for (const waiting of findAll('[data-group][data-waiting]')) enqueue(waiting.dataset.group);
// Without a new question where what the network said before tells enough.
form.addEventListener('composer:media', () => {
  const now = chosenMedia();
  for (const { dataset } of askedGroups()) if (dataset.fits !== now) enqueue(dataset.group);
});
// What did not arrive while the connection was away is asked again when it is back.
window.addEventListener('online', () => {
  for (const { dataset } of findAll('[data-group][data-waiting]:not([aria-busy])')) enqueue(dataset.group);
});
tellAsked();

function add(box) {
  remove(box);
  const template = document.querySelector('[data-group-template]').content.firstElementChild;
  const waiting = template.cloneNode(true);
  waiting.dataset.group = box.value;
  waiting.setAttribute('aria-label', box.dataset.nickname);
  find('h3', waiting).textContent = box.dataset.nickname;
  if (box.dataset.username) find('h3 + p', waiting).textContent = `@${box.dataset.username}`;
  else find('h3 + p', waiting).remove();
  const face = find('.cd-ava', box.closest('label')).cloneNode(true);
  face.classList.remove('s');
  find('header', waiting).prepend(face);
  find('[data-waiting-line]', waiting).textContent = say('waiting', { channel: box.dataset.nickname });
  find('[data-groups]').append(waiting);
  find('[data-options-section]').hidden = false;
  enqueue(box.value);
  tell('channels');
}

function remove(box) {
  const present = group(box.value);
  if (!present) return;
  present.remove();
  markRefused(box.value, '');
  find('[data-options-section]').hidden = !find('[data-group]');
  tell('channels');
  tell('groups');
}

function enqueue(id) {
  if (!queue.includes(id)) queue.push(id);
  goOn();
}

function goOn() {
  while (running < atOnce && queue.length > 0) {
    running += 1;
    load(queue.shift()).finally(() => {
      running -= 1;
      goOn();
    });
  }
}

/** What is typed in the group goes along and comes back in it, as far as the network still offers it. */
async function load(id) {
  const asked = group(id);
  if (!asked) return;
  asked.setAttribute('aria-busy', 'true');
  const before = valuesOf(asked);
  const post = kit.postId();
  const media = chosenMedia();
  const askedFor = find('[data-photos]') ? 'photos' : 'video';
  try {
    const fragment = await ask(`/options?channel=${id}${post ? `&post=${post}` : ''}`, ownFields(asked));
    if (!asked.isConnected) return;
    const next = fragment.querySelector('[data-group]');
    // Somebody went on typing while the answer was on its way.
    if (valuesOf(asked) !== before) enqueue(id);
    else {
      Object.assign(next.dataset, { askedFor, fits: media });
      put(asked, next);
      // Other files were chosen meanwhile.
      if (media !== chosenMedia()) enqueue(id);
    }
  } catch {
    if (asked.isConnected) offerAgain(asked, id);
  }
}

/** What is chosen for this channel, and the files: with fifty channels the whole form would be sent fifty times. */
function ownFields(asked) {
  const files = findAll('input[name="media"]:checked, input[name="mediaOrder"]');
  const typed = findAll('[name]:enabled', asked).filter((field) => field.type !== 'checkbox' || field.checked);
  return new URLSearchParams([...files, ...typed].map(({ name, value }) => [name, value]));
}

function chosenMedia() {
  return findAll('input[name="media"]:checked')
    .map(({ value }) => value)
    .join();
}

function put(asked, next) {
  const focused = asked.contains(document.activeElement) ? document.activeElement.id : '';
  asked.replaceWith(next);
  if (focused) document.getElementById(focused)?.focus();
  markRefused(next.dataset.group, next.dataset.refused ?? '');
  tellAsked();
  sayArrived(next);
  tell('groups');
}

/** Heard by whoever does not see the options come: each profile that can post nothing now, and when all of them are there. */
function sayArrived({ dataset }) {
  const said = find('[data-options-said]');
  const isLast = queue.length === 0 && running === 1;
  if (dataset.refused) said.textContent = `${channel(dataset.group).dataset.nickname}: ${dataset.refused}`;
  else if (isLast) said.textContent = find('[data-asked-line]').textContent;
}

function valuesOf(part) {
  return findAll('input, select, textarea', part)
    .map((field) => (field.type === 'checkbox' ? field.checked : field.value))
    .join('\n');
}

function offerAgain(asked, id) {
  asked.removeAttribute('aria-busy');
  const line = find('[data-waiting-line]', asked);
  // Options that are there stay as they are.
  if (!line) return;
  line.setAttribute('role', 'alert');
  line.textContent = `${say('unreachable', { channel: channel(id).dataset.nickname })} `;
  const again = element('button', 'btn btn-sm', say('again'));
  again.type = 'button';
  again.addEventListener('click', () => {
    line.textContent = say('waiting', { channel: channel(id).dataset.nickname });
    line.setAttribute('role', 'status');
    enqueue(id);
  });
  line.append(again);
}

/** A channel that cannot post now says so where it was chosen, too. */
function markRefused(id, words) {
  const box = channel(id);
  const label = box.closest('label');
  const before = find('[data-refused-here]', label);
  if (before) box.removeAttribute('aria-describedby');
  before?.remove();
  if (words === '' || find('.t-small', label)) return;
  const said = element('span', 't-small', ` · ${words}`);
  said.dataset.refusedHere = '';
  said.id = `pick-${id}-why`;
  find('.cd-ava', label).nextElementSibling.append(said);
  box.setAttribute('aria-describedby', said.id);
}

function tellAsked() {
  const line = find('[data-asked-line]');
  const times = askedGroups().flatMap(({ dataset }) => dataset.askedAt ?? []);
  const last = times.sort().at(-1);
  line.textContent = last === undefined ? '' : line.dataset.askedLine.replace('%at%', last);
}
