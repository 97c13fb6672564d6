// Behaviour shared by all pages. Everything here improves markup that already works without it.
const find = (selector, within = document) => within.querySelector(selector);
const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

const oneYearInSeconds = 31_536_000;

offerThemes();
offerCopying();
openDialogs();
closeMenus();
hideTips();
countLetters();
sendOnce();

/** Light or dark, kept in a cookie so that the server can draw the next page right away. */
function offerThemes() {
  for (const button of findAll('[data-theme-toggle]')) {
    button.hidden = false;
    button.addEventListener('click', () => {
      const page = document.documentElement.dataset;
      page.bsTheme = page.bsTheme === 'dark' ? 'light' : 'dark';
      page.theme = page.bsTheme;
      const secure = location.protocol === 'https:' ? '; Secure' : '';
      document.cookie = `theme=${page.bsTheme}; Path=/; Max-Age=${oneYearInSeconds}; SameSite=Lax${secure}`;
    });
  }
}

/** A field's value, or an element's words. Buttons stay hidden where the browser gives no clipboard (plain http). */
function offerCopying() {
  if (!navigator.clipboard) return;
  for (const button of findAll('[data-copy]')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      const source = find(button.dataset.copy);
      await navigator.clipboard.writeText(source.value ?? source.innerText);
      sayBriefly(button, button.dataset.said);
    });
  }
}

function sayBriefly(button, words) {
  if (!words) return;
  const label = find('span', button) ?? button;
  const before = label.textContent;
  label.textContent = words;
  announce(words);
  setTimeout(() => {
    label.textContent = before;
  }, 1800);
}

function announce(words) {
  const region = find('[data-live]');
  if (region) region.textContent = words;
}

/** A link that opens a dialog is a link to the page with the dialog in it for everybody else. */
function openDialogs() {
  for (const dialog of findAll('dialog.cd-dialog[open]')) {
    dialog.close();
    showDialog(dialog);
  }
  document.addEventListener('click', (event) => {
    const opener = event.target.closest('[data-open]');
    const dialog = opener && find(opener.dataset.open);
    if (!dialog) return;
    event.preventDefault();
    opener.closest('details.cd-menu')?.removeAttribute('open');
    showDialog(dialog);
  });
}

/** Opened, a person begins with what is wrong, or with the first thing to fill in or press: not with the way out. */
function showDialog(dialog) {
  dialog.showModal();
  const first = find('.body :is(input:not([type="hidden"]), select, textarea, button, a[href])', dialog);
  (find('[aria-invalid="true"]', dialog) ?? first)?.focus();
}

/** A menu is a <details>; it closes when something else is pressed, and on Escape, which gives the focus back. */
function closeMenus() {
  document.addEventListener('click', (event) => {
    for (const menu of findAll('details.cd-menu[open]')) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    const menu = event.target.closest?.('details.cd-menu[open]') ?? find('details.cd-menu[open]');
    if (!menu) return;
    menu.open = false;
    find('summary', menu).focus();
  });
}

/** Words that show while the pointer or the focus is on `.cd-tipped` go on Escape, until either comes anew. */
function hideTips() {
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') for (const tipped of findAll('.cd-tipped')) tipped.dataset.tipHidden = '';
  });
  for (const coming of ['pointerover', 'focusin']) {
    document.addEventListener(coming, ({ target, relatedTarget }) => {
      const tipped = target.closest('.cd-tipped');
      if (tipped && !tipped.contains(relatedTarget)) delete tipped.dataset.tipHidden;
    });
  }
}

/** `data-count="#caption"`: its first element shows how many UTF-16 letters are typed; `data-limit` colours what is over. */
function countLetters() {
  for (const counter of findAll('[data-count]')) {
    const field = find(counter.dataset.count);
    if (!field) continue;
    const show = () => {
      counter.firstElementChild.textContent = field.value.length.toLocaleString(document.documentElement.lang);
      const isOver = counter.dataset.limit && field.value.length > Number(counter.dataset.limit);
      if (isOver) counter.dataset.tone = 'bad';
      else delete counter.dataset.tone;
    };
    field.addEventListener('input', show);
    show();
  }
}

/** `form[data-once]`: the second press of an impatient finger sends nothing. Going back to the page frees it again. */
function sendOnce() {
  for (const form of findAll('form[data-once]')) {
    form.addEventListener('submit', (event) => {
      if (form.dataset.sent) event.preventDefault();
      else form.dataset.sent = 'yes';
    });
    window.addEventListener('pageshow', () => {
      delete form.dataset.sent;
    });
  }
}
