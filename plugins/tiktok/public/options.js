// TikTok's options of one profile. What the content guidelines tie together stays together while a person chooses:
// disclosure and its label, branded content and the privacy "Only me". Without this script the server holds the same.
const onlyMe = 'SELF_ONLY';
const fieldOf = (group, name) => group.querySelector(`[name$=".${name}"]`);

for (const group of document.querySelectorAll('[data-tiktok-options]')) settle(group);
// Before everybody else: the page reads the group's `data-missing` and `data-label` when something in it has changed.
document.addEventListener(
  'change',
  ({ target }) => {
    const group = target.closest?.('[data-tiktok-options]');
    if (!group) return;
    if (target === fieldOf(group, 'disclose') && !target.checked) forgetKinds(group);
    settle(group);
  },
  { capture: true },
);

/** What is disclosed no more is not kept where nobody sees it. */
function forgetKinds(group) {
  for (const name of ['yourBrand', 'brandedContent']) fieldOf(group, name).checked = false;
}

function settle(group) {
  const disclosed = disclosureOf(group);
  for (const note of group.querySelectorAll('[data-when]')) note.hidden = note.dataset.when !== disclosed;
  settlePrivacy(group, disclosed);
  settleBranded(group, disclosed);
}

function disclosureOf(group) {
  if (!fieldOf(group, 'disclose').checked) return 'none';
  if (fieldOf(group, 'brandedContent').checked) return 'paid';
  return fieldOf(group, 'yourBrand').checked ? 'own' : 'unsaid';
}

function settlePrivacy(group, disclosed) {
  const privacy = fieldOf(group, 'privacy');
  const why = document.getElementById(`${privacy.id}-why`);
  const isOff = disclosed === 'paid';
  const option = privacy.querySelector(`option[value="${onlyMe}"]`);
  if (option) {
    // Where both were chosen already, the person takes one of them back; nothing is changed for them.
    option.disabled = isOff && privacy.value !== onlyMe;
    option.title = isOff ? why.textContent : '';
  }
  privacy.title = isOff ? why.textContent : '';
  explain(privacy, why, isOff);
  if (isOff && privacy.value === onlyMe) why.dataset.missing = why.textContent;
  else delete why.dataset.missing;
}

function settleBranded(group, disclosed) {
  const branded = fieldOf(group, 'brandedContent');
  const isOff = fieldOf(group, 'privacy').value === onlyMe && disclosed !== 'paid';
  branded.disabled = isOff;
  branded.closest('.form-check').classList.toggle('off', isOff);
  explain(branded, document.getElementById(`${branded.id}-why`), isOff);
}

/** Shows the reason under the field and makes it a part of what the field is described by. */
function explain(field, why, isShown) {
  why.hidden = !isShown;
  const others = (field.getAttribute('aria-describedby') ?? '').split(' ').filter((id) => id !== '' && id !== why.id);
  const ids = isShown ? [why.id, ...others] : others;
  if (ids.length === 0) field.removeAttribute('aria-describedby');
  else field.setAttribute('aria-describedby', ids.join(' '));
}
