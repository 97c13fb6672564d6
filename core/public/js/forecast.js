// Below the date and time of a post: says when a profile or an app has no room at the chosen time. Only a warning.
const form = document.querySelector('[data-composer]');
const place = form?.querySelector('[data-forecast]');
/** Long enough to let a person finish typing a time. */
const pauseMs = 400;
let pause;
/** How often it was asked: only the last answer counts. */
let asked = 0;

if (place) {
  form.addEventListener('input', later);
  form.addEventListener('change', later);
  place.addEventListener('click', take);
  ask();
}

/** The time that was offered, as if it had been typed. */
function take({ target }) {
  const wall = target.closest('[data-take]')?.dataset.take;
  if (!wall) return;
  const [date, time] = wall.split('T');
  for (const [name, value] of Object.entries({ date, time })) {
    const field = form.querySelector(`[name="${name}"]`);
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new Event('change', { bubbles: true }));
  }
  const schedule = form.querySelector('[name="when"][value="schedule"]');
  if (!schedule.checked) schedule.click();
  form.querySelector('[name="time"]').focus();
}

function later({ target }) {
  if (!target.matches('[name="channels"], [name="date"], [name="time"], [name="when"]')) return;
  clearTimeout(pause);
  pause = setTimeout(ask, pauseMs);
}

async function ask() {
  asked += 1;
  const mine = asked;
  const html = await answer();
  if (mine !== asked) return;
  place.replaceChildren(...new DOMParser().parseFromString(html, 'text/html').body.childNodes);
}

/** Empty where there is nothing to ask, and where nobody answers: whoever gets no warning can post all the same. */
async function answer() {
  const channels = [...form.querySelectorAll('[name="channels"]:checked')].map(({ value }) => value);
  const when = form.querySelector('[name="when"]:checked')?.value;
  const [date, time] = ['date', 'time'].map((name) => form.querySelector(`[name="${name}"]`).value);
  const isNow = when === 'immediately';
  if (channels.length === 0 || when === 'draft' || (!isNow && (date === '' || time === ''))) return '';
  const query = new URLSearchParams({ channels: channels.join(','), post: place.dataset.post ?? '' });
  if (!isNow) {
    query.set('date', date);
    query.set('time', time);
  }
  try {
    const response = await fetch(`${place.dataset.forecast}?${query}`);
    return response.ok && !response.redirected ? await response.text() : '';
  } catch {
    return '';
  }
}
