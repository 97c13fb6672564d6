// Frames of the chosen video, drawn by the browser from the file itself, to choose the cover from.
const kit = await import(document.querySelector('[data-composer]').dataset.kit);
const { form, find, findAll } = kit;
/** In CSS pixels twice: frames are small, screens are dense. */
const size = { width: 108, height: 156 };
let reel;

form.addEventListener('composer:media', drawFrames);
form.addEventListener('change', ({ target }) => {
  if (target.name === 'cover') sayWhere();
});
drawFrames();

function sayWhere() {
  const place = find('[data-cover-at]');
  if (!place) return;
  const chosen = find('[name="cover"]:checked');
  const isAuto = !chosen || chosen.value === '';
  place.textContent = isAuto ? place.dataset.auto : place.dataset.at.replace('%at%', chosen.dataset.atName);
}

async function drawFrames() {
  reel?.removeAttribute('src');
  reel?.load();
  reel = undefined;
  const film = find('[data-film]');
  const file = film?.closest('[data-file]');
  if (!file || !window.HTMLVideoElement) return;
  const video = document.createElement('video');
  video.muted = true;
  video.preload = 'auto';
  video.src = file.dataset.content;
  reel = video;
  try {
    await happens(video, 'loadeddata');
    for (const radio of findAll('[name="cover"]:not([value=""])', film)) {
      if (reel !== video) return;
      await seek(video, Number(radio.value) / 1000);
      find('.pic', radio.closest('label')).replaceChildren(frameOf(video));
    }
    film.dataset.drawn = '';
    // All of them are drawn: the rest of the file need not come.
    video.removeAttribute('src');
    video.load();
    reel = undefined;
  } catch {
    // A format that this browser does not play: the moments stay as times.
    film.dataset.undrawn = '';
  }
}

async function seek(video, at) {
  if (Math.abs(video.currentTime - at) < 0.001 && video.readyState >= 2) return;
  const arrived = happens(video, 'seeked');
  video.currentTime = Math.min(at, Math.max(0, video.duration - 0.05));
  await arrived;
}

function happens(video, name) {
  return new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, { once: true });
    video.addEventListener('error', () => reject(new Error('It cannot be played.')), { once: true });
  });
}

/** As much of the frame as fills the picture. */
function frameOf(video) {
  const canvas = Object.assign(document.createElement('canvas'), size);
  const scale = Math.max(size.width / video.videoWidth, size.height / video.videoHeight);
  const [width, height] = [video.videoWidth * scale, video.videoHeight * scale];
  canvas.getContext('2d').drawImage(video, (size.width - width) / 2, (size.height - height) / 2, width, height);
  return canvas;
}
