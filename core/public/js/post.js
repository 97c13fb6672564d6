// A post's page while something is on its way: asks for its deliveries every few seconds and changes what has changed.
// Without this script reloading the page shows the same.
const place = document.querySelector('[data-live-url]');
const askEveryMs = 2000;

if (place && place.dataset.final !== 'true') setTimeout(look, askEveryMs);

async function look() {
  const goesOn = document.hidden || (await refresh());
  if (goesOn) setTimeout(look, askEveryMs);
}

/** @returns whether to look again */
async function refresh() {
  try {
    const response = await fetch(place.dataset.liveUrl);
    // Signed out, or the post is gone: the next page a person opens says so.
    if (response.redirected || response.status === 404 || response.status === 403) return false;
    if (!response.ok) return true;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    show(page);
    return page.querySelector('[data-live-part="cards"]').dataset.final !== 'true';
  } catch {
    return true;
  }
}

function show(page) {
  replace(document.querySelector('[data-live-part="acts"]'), page.querySelector('[data-live-part="acts"]'));
  const next = page.querySelector('[data-live-part="cards"]');
  keepAsItIs(next);
  replace(place, next);
}

/** What a person opened, closed or typed stays so. */
function keepAsItIs(next) {
  for (const field of place.querySelectorAll('input[id]')) {
    const same = next.querySelector(`[id="${field.id}"]`);
    if (same) same.value = field.value;
  }
  for (const details of place.querySelectorAll('details[data-keep]')) {
    const same = next.querySelector(`details[data-keep="${details.dataset.keep}"]`);
    if (same) same.open = details.open;
  }
}

/** Only where something is different, so that focus and selection survive; the order may change with the states. */
function replace(present, next) {
  if (words(present) === words(next)) return;
  const focused = pathOf(present, document.activeElement);
  present.replaceChildren(...next.childNodes);
  if (focused) present.querySelector(focused)?.focus();
}

function words(element) {
  return element.innerHTML.replaceAll(/\s+/g, ' ').trim();
}

/** How to find the focused control again: its form's address, or the details it opens. */
function pathOf(within, element) {
  if (!within.contains(element)) return undefined;
  if (element.id !== '') return `[id="${element.id}"]`;
  const form = element.closest('form');
  if (form) return `form[action="${form.getAttribute('action')}"] button`;
  const details = element.closest('details[data-keep]');
  return details ? `details[data-keep="${details.dataset.keep}"] summary` : undefined;
}
