// Logging in at a network: in a small window where the browser allows one, otherwise in this one. Without script the
// form does the same in this window.
const channelName = 'connected-channel';
const windowName = 'connect-channel';
/** Long enough to read one sentence. */
const readingMs = 1500;

for (const form of document.querySelectorAll('form[data-connect]')) form.addEventListener('submit', openInPopup);

new BroadcastChannel(channelName).addEventListener('message', ({ data }) => {
  // Only a path of ours: the list itself.
  if (typeof data === 'string' && data.startsWith('/team/')) location.assign(data);
});

function openInPopup(event) {
  const form = event.currentTarget;
  if (form.dataset.decided) return;
  const popup = window.open('', windowName, 'popup,width=560,height=780');
  if (!popup) {
    event.preventDefault();
    sayBlocked();
    form.dataset.decided = 'same-window';
    setTimeout(() => form.requestSubmit(), readingMs);
    return;
  }
  form.target = windowName;
  markPopup(form);
  popup.focus();
}

function sayBlocked() {
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
  const note = document.querySelector('[data-popup-blocked]');
  if (note) note.hidden = false;
}

/** Tells the server where the login ends: in the popup's last page instead of the list. */
function markPopup(form) {
  if (form.elements.namedItem('popup')) return;
  const field = document.createElement('input');
  field.type = 'hidden';
  field.name = 'popup';
  field.value = '1';
  form.append(field);
}
