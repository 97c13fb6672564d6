// A page that tells how things stand: asks for its changing parts every few seconds while somebody looks at it.
// Ends by itself where the answer has data-live-over in it; what is marked data-live-last is only then shown anew.
// Without this script reloading the page shows the same.
const asking = document.querySelector('[data-live-url]');
// Without an address the page asks for itself.
const url = asking && (asking.dataset.liveUrl || location.href);
const askEveryMs = 5000;
// A page that was left open must not keep its session alive for ever: a quarter of an hour.
const mostAsks = 180;
let asks = 0;

if (url) {
  setTimeout(look, askEveryMs);
  for (const touch of ['pointermove', 'keydown', 'scroll']) {
    document.addEventListener(touch, () => (asks = 0), { passive: true });
  }
}

async function look() {
  const rests = document.hidden || asks >= mostAsks;
  const goesOn = rests || (await refresh(url));
  if (goesOn) setTimeout(look, askEveryMs);
}

/** @returns whether to look again */
async function refresh(address) {
  asks += 1;
  try {
    const response = await fetch(address);
    // Signed out, or no admin any more: the next page a person opens says so.
    if (response.redirected || response.status === 403) return false;
    if (response.ok) return show(new DOMParser().parseFromString(await response.text(), 'text/html'));
  } catch {
    // The server is away: the parts stay as they are, with the time they are of.
  }
  return true;
}

/** @returns whether there is more to come */
function show(page) {
  const isOver = page.querySelector('[data-live-over]') !== null;
  for (const next of page.querySelectorAll('[data-live-part]')) {
    if (!isOver && next.dataset.liveLast !== undefined) continue;
    const present = document.querySelector(`[data-live-part="${next.dataset.livePart}"]`);
    // Somebody may be at a link in it.
    if (present && !present.contains(document.activeElement)) present.replaceChildren(...next.childNodes);
  }
  document.dispatchEvent(new Event('live:shown'));
  return !isOver;
}
