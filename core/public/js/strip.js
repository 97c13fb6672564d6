// The strip of record mode: shows one point after the other, and tells the styles how high it is.
const strip = document.querySelector('[data-strip]');
if (strip) {
  offerTurning(strip);
  const measure = () => {
    document.documentElement.style.setProperty('--cd-strip-height', `${strip.offsetHeight}px`);
  };
  // Its words wrap anew with the window, and it grows where all points are shown.
  window.addEventListener('resize', measure);
  strip.addEventListener('toggle', measure, { capture: true });
  strip.addEventListener('click', measure);
  measure();
}

function offerTurning(strip) {
  const turn = strip.querySelector('[data-strip-turn]');
  const points = [...strip.querySelectorAll('[data-point]')];
  if (!turn) return;
  turn.hidden = false;
  const now = turn.querySelector('[data-turn-now]');
  let place = 0;
  const show = () => {
    points.forEach((point, n) => {
      point.hidden = n !== place;
    });
    now.textContent = now.dataset.turnNow.replace('#', String(place + 1));
    for (const button of turn.querySelectorAll('[data-turn]')) {
      const to = place + Number(button.dataset.turn);
      button.disabled = to < 0 || to >= points.length;
    }
  };
  turn.addEventListener('click', ({ target }) => {
    const button = target.closest('[data-turn]');
    if (!button) return;
    place += Number(button.dataset.turn);
    show();
  });
  show();
}
