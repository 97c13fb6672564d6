// The order of photos: by dragging, and by the buttons “Move … up” and “Move … down”.
const kit = await import(document.querySelector('[data-composer]').dataset.kit);
const { find, findAll, tell } = kit;
const place = find('[data-chosen]');
let dragged;

place.addEventListener('click', (event) => {
  const button = event.target.closest('[data-move]');
  if (!button) return;
  const item = button.closest('[data-file]');
  const other = button.dataset.move === '1' ? item.nextElementSibling : item.previousElementSibling;
  if (!other) return;
  if (button.dataset.move === '1') other.after(item);
  else other.before(item);
  settle(item);
  button.focus();
});
place.addEventListener('dragstart', (event) => {
  dragged = event.target.closest?.('[data-photos] > [data-file]');
  if (dragged) event.dataTransfer.effectAllowed = 'move';
});
place.addEventListener('dragover', (event) => {
  const over = event.target.closest('[data-photos] > [data-file]');
  if (!dragged || !over) return;
  event.preventDefault();
  if (over === dragged) return;
  const isAfter = dragged.compareDocumentPosition(over) === 4;
  if (isAfter) over.after(dragged);
  else over.before(dragged);
});
for (const name of ['drop', 'dragend']) {
  place.addEventListener(name, (event) => {
    if (!dragged) return;
    event.preventDefault();
    const item = dragged;
    dragged = undefined;
    settle(item);
  });
}

/** Numbers, the chosen cover's place and what is sent follow the order on the page. */
function settle(moved) {
  const items = findAll('[data-photos] > [data-file]');
  items.forEach((item, at) => {
    find('[data-place]', item).textContent = String(at + 1);
    find('[name="cover"]', item).value = String(at);
  });
  const order = find('[name="mediaOrder"]');
  order.value = items.map(({ dataset }) => dataset.file).join(',');
  const said = find('[data-moved]');
  said.textContent = said.dataset.moved
    .replace('%name%', moved.dataset.name)
    .replace('%place%', String(items.indexOf(moved) + 1))
    .replace('%count%', String(items.length));
  order.dispatchEvent(new Event('change', { bubbles: true }));
  tell('order');
}
