// Below the caption of a post: saved texts put in where the cursor stands, the hint about line breaks, and the warning
// about a text that goes out twice. Without this script the menus lead to the page of saved captions.
const form = document.querySelector('[data-composer]');
const isCaption = (element) => element?.matches?.('textarea[name="caption"], textarea[name^="captions."]');

/** Long enough to let a person finish a word. */
const pauseMs = 700;
/** Where a text is put in: the field that was typed into last, behind everything while none was. */
let field = form?.querySelector('textarea[name="caption"]');
let wasTouched = false;
/** How often it was asked: only the last answer counts. */
let asked = 0;

if (form && field) {
  form.addEventListener('focusin', ({ target }) => {
    if (!isCaption(target)) return;
    field = target;
    wasTouched = true;
  });
  for (const menu of form.querySelectorAll('[data-caption-menu]')) fillWhenOpened(menu);
  hintAtLineBreaks();
  warnOfSameText();
}

function fillWhenOpened(menu) {
  const list = menu.querySelector('ul');
  const link = list.querySelector('a');
  menu.addEventListener('toggle', async () => {
    if (!menu.open) return;
    link.textContent = link.dataset.waiting;
    try {
      const html = await read(await fetch(menu.dataset.captionMenu));
      list.replaceChildren(...parse(html).children);
    } catch {
      // The way to the page of saved captions stays.
      link.textContent = menu.dataset.failed;
    }
  });
  list.addEventListener('click', (event) => {
    const button = event.target.closest('[data-insert]');
    if (!button) return;
    menu.open = false;
    putIn(button.dataset.insert);
  });
}

/** As if it had been typed: one step of undo, and the cursor behind it. */
function putIn(text) {
  const at = wasTouched ? field.selectionEnd : field.value.length;
  field.focus();
  field.setSelectionRange(at, at);
  const needsSpace = at > 0 && !/\s/.test(field.value[at - 1]);
  const words = needsSpace ? ` ${text}` : text;
  if (document.execCommand('insertText', false, words)) return;
  field.setRangeText(words, at, at, 'end');
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

function hintAtLineBreaks() {
  const hint = form.querySelector('[data-line-breaks]');
  if (!hint) return;
  form.addEventListener('input', ({ target }) => {
    if (isCaption(target)) hint.hidden = !captions().some((text) => text.includes('\n'));
  });
}

function captions() {
  return [...form.querySelectorAll('textarea')].filter(isCaption).map(({ value }) => value);
}

function warnOfSameText() {
  const place = form.querySelector('[data-same-text]');
  let pause;
  const later = ({ target }) => {
    if (!isCaption(target) && !target.matches('[name="channels"], [name="date"], [name="time"], [name="when"]')) return;
    clearTimeout(pause);
    pause = setTimeout(() => askAboutSameText(place), pauseMs);
  };
  form.addEventListener('input', later);
  form.addEventListener('change', later);
}

async function askAboutSameText(place) {
  asked += 1;
  const mine = asked;
  if (!captions().some((text) => text.trim() !== '')) return place.replaceChildren();
  const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === 'string'));
  const headers = { 'x-csrf-token': form.querySelector('[name="_csrf"]').value };
  try {
    const html = await read(await fetch(place.dataset.sameText, { method: 'POST', body, headers }));
    if (mine === asked) place.replaceChildren(...parse(html).childNodes);
  } catch {
    // Only a warning: whoever does not get it can post all the same.
    place.replaceChildren();
  }
}

/** @throws when the answer is no fragment of ours, e.g. because the session has ended */
async function read(response) {
  if (!response.ok || response.redirected) throw new Error(`The answer was ${response.status}.`);
  return response.text();
}

function parse(html) {
  return new DOMParser().parseFromString(html, 'text/html').body;
}
