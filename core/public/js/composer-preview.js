// The phone: the real video or photos with the caption, as each chosen profile will show it, while it is being written.
const kit = await import(document.querySelector('[data-composer]').dataset.kit);
const { form, find, findAll, say, listen, chosenChannels, group, element } = kit;
const phone = find('[data-preview]');
const screen = find('[data-screen]', phone);
const show = find('[data-show]', phone);
const play = find('[data-play]', phone);
/** Whose profile the phone shows, and which photo. */
let shownChannel;
let photo = 0;

listen(['composer:media', 'composer:order'], showMedia);
listen(['composer:channels'], showTabs);
listen(['input', 'change', 'composer:groups'], () => setTimeout(showWords));
form.addEventListener('change', ({ target }) => target.name === 'cover' && showCover());
find('[data-preview-for]', phone).addEventListener('click', (event) => {
  const tab = event.target.closest('[data-tab]');
  if (!tab) return;
  shownChannel = tab.dataset.tab;
  showTabs();
});
play.addEventListener('click', () => {
  const video = find('video', show);
  if (!video.paused) video.pause();
  // A format that this browser does not play is posted all the same.
  else video.play().catch(() => (play.hidden = true));
});
for (const button of findAll('[data-step]', phone)) {
  button.addEventListener('click', () => turnTo(photo + Number(button.dataset.step)));
}
show.addEventListener('scroll', () => {
  const at = Math.round(show.scrollLeft / show.clientWidth);
  if (at !== photo && isPhotos()) sayPhoto(at);
});
showMedia();
showTabs();

function files() {
  return findAll('[data-chosen] [data-file]');
}

function isPhotos() {
  return files()[0]?.dataset.kind === 'picture';
}

function showMedia() {
  const [first] = files();
  play.hidden = first?.dataset.kind !== 'video';
  find('[data-turn]', phone).hidden = !isPhotos() || files().length < 2;
  show.classList.toggle('photos', isPhotos());
  screen.classList.toggle('has-media', Boolean(first));
  if (!first) show.replaceChildren(element('p', 'nothing', say('previewEmpty')));
  else if (isPhotos()) show.replaceChildren(...files().map(photoOf));
  else show.replaceChildren(videoOf(first));
  photo = 0;
  if (isPhotos()) showCover();
}

function photoOf({ dataset }, at, all) {
  const image = document.createElement('img');
  image.src = dataset.content;
  image.alt = say('previewPhoto', { place: at + 1, count: all.length });
  return image;
}

function videoOf({ dataset }) {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, loop: true, playsInline: true, preload: 'metadata' });
  if (dataset.poster) video.poster = dataset.poster;
  video.src = dataset.content;
  video.setAttribute('aria-label', dataset.name);
  for (const name of ['play', 'pause']) video.addEventListener(name, sayPlaying);
  video.addEventListener('loadedmetadata', () => {
    // What is not upright is shown whole, as the network does.
    video.classList.toggle('whole', video.videoWidth * 1.2 > video.videoHeight);
    showCover();
  });
  sayPlaying();
  return video;
}

function sayPlaying() {
  const video = find('video', show);
  const isPlaying = Boolean(video) && !video.paused;
  play.setAttribute('aria-pressed', String(isPlaying));
  play.setAttribute('aria-label', say(isPlaying ? 'previewPause' : 'previewPlay'));
}

/** The chosen cover is what the phone shows before it plays. */
function showCover() {
  const value = find('[name="cover"]:checked')?.value ?? '';
  const video = find('video', show);
  if (isPhotos()) turnTo(Number(value || 0));
  else if (video && video.paused && video.readyState > 0) video.currentTime = Number(value || 0) / 1000;
}

function turnTo(at) {
  const count = files().length;
  if (at < 0 || at >= count) return;
  show.scrollTo({ left: at * show.clientWidth, behavior: 'instant' });
  sayPhoto(at);
}

function sayPhoto(at) {
  photo = at;
  find('[data-which]', phone).textContent = say('previewPhoto', { place: at + 1, count: files().length });
}

function showTabs() {
  const chosen = chosenChannels();
  if (!chosen.some(({ value }) => value === shownChannel)) shownChannel = chosen[0]?.value;
  const tabs = find('[data-preview-for]', phone);
  tabs.hidden = chosen.length < 2;
  const focused = tabs.contains(document.activeElement);
  tabs.replaceChildren(
    ...chosen.map(({ value, dataset }) => {
      const tab = element('button', '', dataset.nickname);
      tab.type = 'button';
      tab.dataset.tab = value;
      tab.setAttribute('aria-pressed', String(value === shownChannel));
      return tab;
    }),
  );
  if (focused) find('[aria-pressed="true"]', tabs)?.focus();
  showFace();
  showWords();
}

function showFace() {
  const box = chosenChannels().find(({ value }) => value === shownChannel);
  const face = box ? [find('.cd-ava', box.closest('label')).cloneNode(true)] : [];
  face[0]?.classList.remove('s');
  find('[data-face]', phone).replaceChildren(...face);
  find('[data-nickname]', phone).textContent = box?.dataset.nickname ?? '';
  const sound = find('[data-sound]', phone);
  sound.hidden = !box;
  sound.lastElementChild.textContent = box ? say('previewSound', { channel: box.dataset.nickname }) : '';
}

function showWords() {
  const own = find(`[name="captions.${shownChannel}"]`)?.value ?? '';
  find('[data-words]', phone).textContent = own.trim() === '' ? find('#caption').value : own;
  const options = group(shownChannel);
  const told = options && findAll('[data-label]', options).find((one) => !one.closest('[hidden]') && one.dataset.label);
  const label = find('[data-lbl]', phone);
  label.hidden = !told;
  label.textContent = told?.dataset.label ?? '';
}
