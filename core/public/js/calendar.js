// The calendar: draws a month or a week from the list of posts that is in the page, and moves posts by dragging, by
// Shift and an arrow key, and in a dialog. Every change is a form of the page that is sent; its answer is the calendar
// as it stands then, and takes the place of this one. Without this script the list is the calendar.
const find = (selector, within = document) => within.querySelector(selector);
const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

/** More posts of one day are behind a link to that day. */
const mostOfADay = 5;
/** How long a post looks in a week: it has no length, but must be seen. */
const lookMinutes = 60;
const phone = matchMedia('(max-width: 899px)');
const minuteMs = 60_000;
const dayMinutes = 24 * 60;
const { locale } = document.documentElement.dataset;

let drawn;
let isMoving = false;

draw();
phone.addEventListener('change', keepFocusVisible);
document.addEventListener('click', openDialog);
document.addEventListener('submit', sendMove);
document.addEventListener('keydown', moveByKey);

function draw() {
  const grid = find('[data-grid]');
  keepFocusVisible();
  if (!grid || !window.EventCalendar) return;
  grid.hidden = false;
  for (const hint of findAll('[data-hint]')) hint.hidden = false;
  drawn = window.EventCalendar.create(grid, optionsOf(grid));
}

/** What is only heard cannot take the focus: it would be lost from sight. */
function keepFocusVisible() {
  const view = find('[data-grid]')?.dataset.view;
  const isSeen = view === undefined || (view === 'week' && phone.matches);
  for (const control of findAll('[data-agenda] a')) control.tabIndex = isSeen ? 0 : -1;
}

function optionsOf(grid) {
  const { view, start, today } = grid.dataset;
  const posts = findAll('[data-agenda] [data-post]');
  const isWeek = view === 'week';
  const events = isWeek ? posts.map(weekEvent) : monthEvents(posts, grid);
  return {
    view: isWeek ? 'timeGridWeek' : 'dayGridMonth',
    date: start,
    firstDay: 1,
    locale,
    headerToolbar: { start: '', center: '', end: '' },
    dayHeaderFormat: isWeek ? { weekday: 'short', day: 'numeric' } : { weekday: 'short' },
    slotLabelFormat: { hour: '2-digit', minute: '2-digit' },
    allDaySlot: events.some(({ allDay }) => allDay),
    snapDuration: '00:15',
    highlightedDates: [today],
    nowIndicator: false,
    editable: true,
    eventDurationEditable: false,
    events,
    eventContent: ({ event }) => ({ domNodes: [event.extendedProps.content] }),
    eventDidMount: ({ event, el }) => {
      if (event.extendedProps.state) el.dataset.state = event.extendedProps.state;
    },
    dayCellContent: isWeek ? undefined : ({ date }) => ({ domNodes: [dayLink(grid, localDate(date))] }),
    // The library's cells stand in no rows, so its table roles say something untrue: the list carries the meaning.
    eventAllUpdated: () => {
      for (const element of findAll('[role], [aria-colindex]', grid)) {
        for (const name of ['role', 'aria-colindex']) element.removeAttribute(name);
      }
    },
    eventDrop: dropped,
  };
}

/** The first of each day, and a link to the rest. */
function monthEvents(posts, grid) {
  const events = [];
  const counts = new Map();
  for (const post of posts) {
    const date = post.dataset.at.slice(0, 10);
    const count = (counts.get(date) ?? 0) + 1;
    counts.set(date, count);
    if (count <= mostOfADay) events.push(eventOf(post, { start: post.dataset.at, end: post.dataset.at }));
  }
  for (const [date, count] of counts) {
    if (count > mostOfADay) events.push(moreOf(date, count - mostOfADay, grid));
  }
  return events;
}

function moreOf(date, count, grid) {
  const content = make('a', 'cd-ev-more', grid.dataset.more.replace('{{count}}', count));
  content.href = dayHref(grid, date);
  const start = `${date}T23:59:59`;
  return { id: `more-${date}`, start, end: start, editable: false, extendedProps: { content, state: '' } };
}

function weekEvent(post) {
  const { at } = post.dataset;
  if (at.length === 10) return eventOf(post, { start: at, end: at, allDay: true });
  const minutes = Number(at.slice(11, 13)) * 60 + Number(at.slice(14, 16));
  const start = Math.min(minutes, dayMinutes - lookMinutes);
  return eventOf(post, { start: later(at, start - minutes), end: later(at, start - minutes + lookMinutes) });
}

function eventOf(post, times) {
  const { post: id, state, movable } = post.dataset;
  return { id, ...times, editable: movable !== undefined, extendedProps: { state, content: contentOf(post) } };
}

/** Icon and time, caption below; the state is said in a word. A post that can be moved opens the dialog, any other its page. */
function contentOf(post) {
  const { post: id, state, movable } = post.dataset;
  const link = find('a', post);
  const content = make(movable === undefined ? 'a' : 'button', 'cd-ev');
  if (movable === undefined) Object.assign(content, { href: link.href, draggable: false });
  else Object.assign(content, { type: 'button' }).dataset.move = id;
  content.dataset.event = id;
  content.dataset.state = state;
  const time = find('time', post).cloneNode(true);
  const word = make('span', 'visually-hidden', find('.cd-state', post).textContent);
  content.append(find('svg', post).cloneNode(true), time, make('span', 'what', link.textContent), word);
  content.title = `${time.textContent} ${link.textContent}`;
  return content;
}

function dayLink(grid, date) {
  const link = make('a', 'cd-day-link', String(Number(date.slice(8))));
  link.href = dayHref(grid, date);
  const name = new Date(`${date}T00:00Z`).toLocaleDateString(locale, { dateStyle: 'full', timeZone: 'UTC' });
  link.setAttribute('aria-label', grid.dataset.dayName.replace('{{day}}', name.replace(',', '')));
  if (date === grid.dataset.at) link.setAttribute('aria-current', 'date');
  const shown = make('time', '');
  shown.dateTime = date;
  shown.append(link);
  return shown;
}

function dayHref(grid, date) {
  return grid.dataset.dayHref.replace('0000-00-00', date);
}

function make(tag, className, text = '') {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** A day as the library hands it: midnight on this machine's clocks. */
function localDate(date) {
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((n) => String(n).padStart(2, '0')).join('-');
}

/** Wall time and minutes → wall time. Counted without a zone: what the clocks do meanwhile is the server's business. */
function later(wall, minutes) {
  const start = Date.parse(`${wall.length === 10 ? `${wall}T00:00` : wall}Z`);
  return new Date(start + minutes * minuteMs).toISOString().slice(0, wall.length);
}

function postOf(id) {
  return find(`[data-agenda] [data-post="${id}"]`);
}

function dropped({ event, oldEvent, delta, revert }) {
  const post = postOf(event.id);
  const { at } = post.dataset;
  let to = later(at, delta.days * dayMinutes + delta.seconds / 60);
  if (event.allDay !== oldEvent.allDay) {
    // Out of the row of days without a time, or into it.
    if (event.allDay && at.length > 10 && post.dataset.state !== 'draft') return revert();
    to = localDate(event.start);
    if (!event.allDay) to += `T${event.start.toTimeString().slice(0, 5)}`;
  }
  if (to === at) return revert();
  return askToMove(post, to).then((isAnswered) => isAnswered || revert());
}

/** A day or a week by Shift and an arrow key; in a week up and down a quarter of an hour. */
function moveByKey(event) {
  const post = event.shiftKey && !event.repeat && postOf(event.target.dataset?.event);
  if (!post || post.dataset.movable === undefined) return;
  const isTimed = find('[data-grid]').dataset.view === 'week' && post.dataset.at.length > 10;
  const updown = isTimed ? 15 : 7 * dayMinutes;
  const minutes = { ArrowLeft: -dayMinutes, ArrowRight: dayMinutes, ArrowUp: -updown, ArrowDown: updown }[event.key];
  if (minutes === undefined) return;
  event.preventDefault();
  askToMove(post, later(post.dataset.at, minutes));
}

function askToMove(post, wall) {
  fillDialog(post, wall);
  const form = find('[data-move-form]');
  return send(form.action, new FormData(form), post.dataset.post);
}

function openDialog(event) {
  const opener = event.target.closest?.('[data-move]');
  const post = opener && postOf(opener.dataset.move);
  if (!post) return;
  event.preventDefault();
  fillDialog(post, post.dataset.at);
  find('#move-post').showModal();
  find('#move-date').focus();
}

function fillDialog(post, wall) {
  const dialog = find('#move-post');
  const { post: id, version } = post.dataset;
  const form = find('[data-move-form]', dialog);
  const link = find('[data-move-open]', dialog);
  form.action = form.dataset.pattern.replace(':post', id);
  link.href = link.dataset.pattern.replace(':post', id);
  find('[data-move-title]', dialog).textContent = find('a', post).textContent;
  const values = { version, dueSeen: '', date: wall.slice(0, 10), time: wall.slice(11, 16) };
  for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
  for (const field of findAll('[aria-invalid]', dialog)) {
    field.removeAttribute('aria-invalid');
    field.classList.remove('is-invalid');
    find(`#${field.id}-help`, dialog)?.remove();
  }
}

/** The dialog, and the button that takes a move back. */
function sendMove(event) {
  const form = event.target;
  if (!form.matches('[data-move-form], .cd-flash form')) return;
  event.preventDefault();
  send(form.action, new FormData(form), /\/posts\/(\d+)\//.exec(form.action)?.[1]);
}

/** @returns whether an answer came and is shown */
async function send(action, fields, postId) {
  if (isMoving) return false;
  isMoving = true;
  try {
    const response = await fetch(action, { method: 'POST', body: new URLSearchParams(fields) });
    show(new DOMParser().parseFromString(await response.text(), 'text/html'), postId);
  } catch {
    tell(find('[data-calendar-page]').dataset.unreachable);
    return false;
  } finally {
    isMoving = false;
  }
  return true;
}

/** The calendar as it stands now takes the place of this one, with what is told about the move. */
function show(page, postId) {
  const next = find('[data-calendar-page]', page);
  // Signed out, or the post is gone: the page itself says it.
  if (!next) return void location.reload();
  const [hadX, hadY] = [window.scrollX, window.scrollY];
  if (drawn) window.EventCalendar.destroy(drawn);
  drawn = undefined;
  for (const old of findAll('.cd-flash')) old.remove();
  const told = findAll('.cd-flash', page).filter((flash) => !next.contains(flash));
  find('[data-calendar-page]').replaceWith(...told, next);
  draw();
  window.scrollTo(hadX, hadY);
  const dialog = find('#move-post[open]');
  if (dialog) {
    dialog.close();
    dialog.showModal();
    (find('[aria-invalid="true"]', dialog) ?? find('#move-date', dialog)).focus();
  } else giveFocusBack(postId);
}

/** The library draws a moment later. */
function giveFocusBack(postId) {
  window.requestAnimationFrame(() => {
    const places = [
      `[data-event="${postId}"]`,
      `[data-panel] [data-move="${postId}"]`,
      `[data-post="${postId}"] a[data-move]`,
    ];
    const place = places.map((selector) => find(selector)).find((element) => element?.checkVisibility?.() ?? element);
    (place ?? find('#main')).focus({ preventScroll: true });
  });
}

function tell(words) {
  for (const old of findAll('.cd-flash')) old.remove();
  const note = make('div', 'cd-note');
  note.dataset.tone = 'bad';
  note.setAttribute('role', 'alert');
  const flash = make('div', 'cd-flash');
  flash.append(note);
  find('[data-calendar-page]').prepend(flash);
  note.append(make('p', '', words));
}
