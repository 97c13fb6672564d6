// Below Date and Time: the next posting slots that are free at all of the chosen channels, each taken by one press.
const kit = await import(document.querySelector('[data-composer]').dataset.kit);
const { find, later, listen, parse, postId, chosenChannels } = kit;

const place = find('[data-free-slots]');
/** Several channels are ticked one after another. */
const pauseMs = 150;
/** How often it was asked: only the last answer counts. */
let asked = 0;

place.addEventListener('click', take);
listen(['composer:channels'], later(show, pauseMs));
show();

/** The slot, as if it had been typed: whatever listens to the fields asks anew. */
function take({ target }) {
  const button = target.closest('[data-slot]');
  if (!button) return;
  const [date, time] = button.dataset.slot.split('T');
  for (const [name, value] of Object.entries({ date, time })) {
    const field = find(`[name="${name}"]`);
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new Event('change', { bubbles: true }));
  }
  const schedule = find('[name="when"][value="schedule"]');
  if (!schedule.checked) schedule.click();
  find('[data-slot-taken]').textContent = button.dataset.said;
}

async function show() {
  asked += 1;
  const mine = asked;
  const html = await answer(chosenChannels().map(({ value }) => ['channel', value]));
  if (mine === asked) place.replaceChildren(...parse(html).children);
}

/** Empty where nothing is chosen, and where nobody answers: a time can be typed all the same. */
async function answer(channels) {
  if (channels.length === 0) return '';
  const post = postId();
  const query = new URLSearchParams(post === undefined ? channels : [...channels, ['post', post]]);
  try {
    const response = await fetch(`${place.dataset.freeSlots}?${query}`);
    return response.ok && !response.redirected ? await response.text() : '';
  } catch {
    return '';
  }
}
