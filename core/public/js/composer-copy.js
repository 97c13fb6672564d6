// “Use same choices”: one press copies what was chosen for the first profile to another, as far as that one allows it.
const kit = await import(document.querySelector('[data-composer]').dataset.kit);
const { form, find, findAll, say, listen, askedGroups, channel } = kit;

listen(['composer:groups', 'composer:channels'], offer);
form.addEventListener('click', (event) => {
  const button = event.target.closest('[data-same]');
  if (button) copyTo(button.closest('[data-group]'));
});
offer();

/** Those with something to choose. */
function usable() {
  return askedGroups().filter((group) => fieldsOf(group).length > 0);
}

function nameOf(group) {
  return channel(group.dataset.group).dataset.nickname;
}

/** Every profile but the first one can take over what was chosen there. */
function offer() {
  const [first, ...others] = usable();
  if (first) find('[data-same]', first).hidden = true;
  for (const group of others) {
    const button = find('[data-same]', group);
    button.hidden = false;
    button.setAttribute('aria-label', say('sameName', { channel: nameOf(first) }));
  }
}

function fieldsOf(group) {
  return findAll('select[name], input[type="checkbox"][name], input[type="text"][name], textarea[name]', group);
}

function copyTo(group) {
  const [source] = usable();
  if (!source || source === group) return;
  const chosen = fieldsOf(source).filter(isChosen);
  // Twice: a switch may open what comes after it, or before it.
  for (const field of [...chosen, ...chosen]) take(field, twinOf(field, source, group));
  clearOthers(source, group);
  const refused = chosen.filter((field) => !isTaken(field, twinOf(field, source, group)));
  const taken = chosen.filter((field) => !refused.includes(field));
  tell(group, { source, chosen, taken, refused });
}

function isChosen(field) {
  return field.type === 'checkbox' ? field.checked : field.value !== '';
}

/** The same field of the other profile. */
function twinOf(field, source, group) {
  const name = field.name.replace(`options.${source.dataset.group}.`, `options.${group.dataset.group}.`);
  return fieldsOf(group).find((other) => other.name === name);
}

function isOpen(field) {
  return field && !field.disabled && !field.closest('fieldset:disabled');
}

function optionFor(field, twin) {
  return [...twin.options].find(({ value, disabled }) => value === field.value && !disabled);
}

function take(field, twin) {
  if (!isOpen(twin) || isTaken(field, twin)) return;
  if (twin.type === 'checkbox') twin.checked = true;
  else if (twin.options && !optionFor(field, twin)) return;
  else twin.value = field.value;
  twin.dispatchEvent(new Event('change', { bubbles: true }));
}

function isTaken(field, twin) {
  if (!twin) return false;
  return twin.type === 'checkbox' ? twin.checked : twin.value === field.value;
}

/** What is off there is off here. */
function clearOthers(source, group) {
  for (const twin of fieldsOf(group)) {
    if (twin.type !== 'checkbox' || !twin.checked || !isOpen(twin)) continue;
    const field = twinOf(twin, group, source);
    if (!field || field.checked) continue;
    twin.checked = false;
    twin.dispatchEvent(new Event('change', { bubbles: true }));
  }
}

function tell(group, { source, chosen, taken, refused }) {
  const holes = { channel: nameOf(source), list: taken.map(labelOf).join(', ') };
  const begun = chosen.length === 0 ? 'sameEmpty' : taken.length === 0 ? 'sameNothing' : 'sameDone';
  const why = refused.map((field) => reasonFor(field, twinOf(field, source, group)));
  const said = find('[data-same-said]', group);
  said.hidden = false;
  said.textContent = [say(begun, holes), ...(why.length > 0 ? [say('sameNot', { list: why.join(', ') })] : [])].join(
    ' ',
  );
}

function labelOf(field) {
  return field.labels?.[0]?.firstChild?.textContent.trim() || field.getAttribute('aria-label') || field.name;
}

function reasonFor(field, twin) {
  if (twin?.options && isOpen(twin)) {
    return say('sameNotOffered', { field: labelOf(field), value: field.selectedOptions[0].text });
  }
  const help = twin?.getAttribute('aria-describedby');
  const words = help && document.getElementById(help.split(' ')[0])?.textContent.trim();
  return say('sameNotAllowed', { field: labelOf(field), reason: (words || say('sameOff')).replace(/\.$/, '') });
}
