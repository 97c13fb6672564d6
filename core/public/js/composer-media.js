// The dialog to choose one video or up to 35 photos from, what was chosen, and whether it fits each profile.
const kit = await import(document.querySelector('[data-composer]').dataset.kit);
const { form, find, findAll, say, tell, ask, typed, listen, askedGroups, channel, group, element, icon } = kit;

const mostPhotos = 35;
const dialog = find('#choose-media');
/** Ids of the files that the page shows. */
let shown = ticked();
/** How often the files were asked for: only the last answer counts. */
let asked = 0;

find('[data-choose]').addEventListener('click', (event) => {
  event.preventDefault();
  if (!dialog.open) dialog.showModal();
});
for (const button of findAll('[data-use], [data-close]', dialog)) {
  button.addEventListener('click', (event) => {
    event.preventDefault();
    dialog.close();
  });
}
dialog.addEventListener('change', ({ target }) => {
  keepToOneKind(target);
  keepOrder();
});
dialog.addEventListener('close', showChosen);
find('[data-chosen]').addEventListener('click', (event) => {
  const button = event.target.closest('[data-remove]');
  if (!button) return;
  event.preventDefault();
  const input = find(`input[name="media"][value="${button.dataset.remove}"]`);
  if (input) input.checked = false;
  keepOrder();
  find('#add-media').focus();
  showChosen();
});
listen(['composer:order'], () => (shown = ticked()));
listen(['composer:groups', 'composer:media', 'composer:channels'], showFit);
showButtons();
showFit();

/** In the order of the post. */
function ticked() {
  const ids = findAll('input[name="media"]:checked').map(({ value }) => value);
  const order = find('[name="mediaOrder"]').value.split(',');
  return [...order.filter((id) => ids.includes(id)), ...ids.filter((id) => !order.includes(id))];
}

/** What is ticked comes after what was ticked before it, wherever it stands among the files. */
function keepOrder() {
  find('[name="mediaOrder"]').value = ticked().join(',');
}

/** A post is one video or several photos; never both. */
function keepToOneKind(input) {
  if (input.name !== 'media') return;
  const isVideo = input.dataset.kind === 'video';
  for (const other of findAll('input[name="media"]:checked', dialog)) {
    if (other !== input && (isVideo || other.dataset.kind === 'video')) other.checked = false;
  }
  const tooMany = ticked().length > mostPhotos;
  if (tooMany) input.checked = false;
  find('[data-too-many]', dialog).hidden = !tooMany;
}

async function showChosen() {
  const now = ticked();
  if (now.join() === shown.join()) return;
  shown = now;
  asked += 1;
  const mine = asked;
  const place = find('[data-chosen]');
  const cover = find('[name="cover"]:checked', place)?.closest('[data-file]')?.dataset.file;
  const body = typed();
  // A cover belongs to the file that it was chosen in.
  body.delete('cover');
  for (const { dataset } of askedGroups()) body.set(`longest.${dataset.group}`, dataset.maxDuration ?? '');
  try {
    const fragment = await ask('/chosen-media', body);
    if (mine !== asked) return;
    place.replaceChildren(...fragment.childNodes);
    const again = find(`[data-kind="picture"][data-file="${cover}"] [name="cover"]`, place);
    if (again) again.checked = true;
    for (const checked of findAll('[data-checked-for]', place)) putProblems(checked);
  } catch {
    // Without the server only the names are known here; the files themselves are chosen all the same.
    const names = now.map((id) => find(`input[name="media"][value="${id}"]`).getAttribute('aria-label'));
    place.replaceChildren(find('[name="mediaOrder"]'), element('p', 't-strong', names.join(', ')));
  }
  showButtons();
  tell('media');
  form.dispatchEvent(new Event('change', { bubbles: true }));
}

/** They stand where the network's own answer would put them; photos have other options, so their network is asked. */
function putProblems(checked) {
  const options = group(checked.dataset.checkedFor);
  const isOfPhotos = Boolean(find('[data-photos]'));
  checked.remove();
  if (!options || isOfPhotos || options.dataset.askedFor !== 'video') return;
  for (const old of findAll('[data-media-problem]', options)) old.remove();
  find('.body', options).prepend(...checked.children);
  options.dataset.mediaChecked = '';
  options.dataset.fits = ticked().join();
}

/** Moving and removing single photos is this script's work, so its buttons show only now. */
function showButtons() {
  for (const button of findAll('[data-chosen] button[hidden]')) button.hidden = false;
}

/** In one line that it fits all of them, or what each of them has against it. */
function showFit() {
  const place = find('[data-fit]');
  if (!place) return;
  const groups = askedGroups().filter(({ dataset }) => dataset.mediaChecked !== undefined);
  const problems = groups.flatMap((group) => {
    const { nickname } = channel(group.dataset.group).dataset;
    return findAll('[data-media-problem]', group).map(({ dataset }) =>
      line('bad', say('misfit', { channel: nickname, problem: dataset.mediaProblem }), dataset),
    );
  });
  if (problems.length > 0) place.replaceChildren(...problems);
  else if (groups.length > 0) place.replaceChildren(line('ok', fitWords(groups)));
  else place.replaceChildren();
}

function fitWords(groups) {
  const count = groups.length;
  const fits = count === 1 ? say('fitsOne') : count === 2 ? say('fitsTwo') : say('fitsMany', { count });
  const limits = groups
    .filter(({ dataset }) => dataset.maxDuration)
    .map(({ dataset }) =>
      say('limit', { length: dataset.maxDuration, channel: channel(dataset.group).dataset.nickname }),
    );
  return limits.length === 0 ? fits : `${fits}: ${say('limits', { list: limits.join(', ') })}`;
}

/** With the code that explains it, where there is one: its page opens apart, so that nothing typed is lost. */
function line(tone, words, { code, codeHref } = {}) {
  const made = element('p', 't-small t-2 row-x');
  const mark = element('span', '');
  mark.dataset.tone = tone;
  mark.append(icon(tone));
  made.append(mark, element('span', '', words));
  if (codeHref) {
    const link = element('a', 't-fine', code);
    Object.assign(link, { href: codeHref, target: '_blank', rel: 'noopener' });
    made.append(link);
  }
  return made;
}
