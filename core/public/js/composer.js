// The composer's form as a whole: the declaration and the clock's warnings before anything is sent, one press for one post.
// Without these scripts the same form does it all with two more presses.
const kit = await import(document.querySelector('[data-composer]').dataset.kit);
const { form, find, findAll, listen, typed, ask, later, parse } = kit;

/** Long enough to let a person finish typing a time. */
const pauseMs = 250;
/** Between answers of many channels that come in a row. */
const manyMs = 300;
/** How often the declaration was asked for: only the last answer counts. */
let declarationAsked = 0;

for (const part of findAll('[data-without-script]')) part.hidden = true;
keepDeclarationTrue();
tellAboutDueTime();
sendOnce();
find('[aria-invalid="true"], [data-invalid]')?.focus();

/** The declaration above the button always fits what is chosen: it is what the person agrees to. */
function keepDeclarationTrue() {
  find('[data-groups]').addEventListener('change', refreshDeclaration);
  // Options of many channels arrive one after another.
  listen(['composer:channels', 'composer:groups'], later(refreshDeclaration, manyMs));
}

async function refreshDeclaration() {
  declarationAsked += 1;
  const mine = declarationAsked;
  try {
    const fragment = await ask('/declaration', typed());
    if (mine === declarationAsked) find('[data-declarations]').replaceChildren(...fragment.childNodes);
  } catch {
    // The server compares what stood here with what is chosen, and shows the right declaration before it takes anything.
  }
}

function tellAboutDueTime() {
  const [date, time] = [find('[name="date"]'), find('[name="time"]')];
  const askAboutIt = later(async () => {
    const query = new URLSearchParams({ date: date.value, time: time.value });
    try {
      const response = await fetch(`${form.dataset.posts}/due?${query}`);
      if (!response.ok || response.redirected) return;
      const html = await response.text();
      if (query.get('date') !== date.value || query.get('time') !== time.value) return;
      find('[data-due-note]').replaceChildren(...parse(html).childNodes);
    } catch {
      // The server tells it when the form is sent.
    }
  }, pauseMs);
  for (const field of [date, time]) field.addEventListener('input', askAboutIt);
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
