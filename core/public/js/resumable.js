/* global tus */
// Uploads that go on where they stopped: after a lost connection, a restart of the server, a reload, a closed laptop.
// A page that uses this loads tus first and includes the words beside its own markup:
//
//   scripts: ['tus/tus.min.js', 'js/your-page.js']
//   <%- include('/uploads/words', it) %>
//
//   const words = document.querySelector('[data-upload-words]').dataset;
//   const { uploadFiles } = await import(words.module);
//   const sendings = uploadFiles(input.files, { endpoint: words.endpoint, csrf, words, onReady: (mediaId, html) => … });

/** Files of one page that are on their way at the same time; the others wait for their turn. */
const atOnce = 3;
const retryDelays = [0, 1_000, 2_000, 4_000, 8_000, 15_000, ...Array(3_000).fill(30_000)];
/** So long without a byte, or without the server's word on a file that arrived: the connection is asked for anew. */
const silentMs = { sending: 45_000, reading: 180_000 };

/** The error book's name for a file that the library does not take. */
const notTaken = 'file_not_taken';

const queue = [];
const running = new Set();

/**
 * Uploads files into a team's library, at most three at a time, in their order. A file that was begun before (the same
 * name, size and date, in this browser) goes on where it stopped. While the connection or the server is away it waits
 * and goes on by itself. Every function is optional and is handed the `Sending` it is about as its last argument.
 *
 * @param {Iterable<File>} files
 * @param {object} order
 * @param {string} order.endpoint address of the team's uploads: `/team/<id>/files/uploads`
 * @param {string} order.csrf the page's form token (`form.elements._csrf.value`)
 * @param {DOMStringMap} order.words `data-` attributes of views/uploads/words.ejs
 * @param {(sent: number, total: number, sending: Sending) => void} [order.onProgress] bytes
 * @param {(state: string, sentence: string, sending: Sending) => void} [order.onState] after each change of
 *   `sending.state`; the sentence says what it waits for, or is empty
 * @param {(mediaId: number, html: string, sending: Sending) => void} [order.onReady] the file is in the library; `html`
 *   is the server's markup of its item (views/media/item.ejs), with `data-media` and `data-state="ready"`
 * @param {(sentence: string, sending: Sending) => void} [order.onProblem] it was not taken, and why: nothing of it is kept,
 *   unless `sending.canGoOn`
 * @returns {readonly Sending[]} one for each file, in their order
 */
export function uploadFiles(files, order) {
  const sendings = [...files].map((file) => new Sending(file, order));
  queue.push(...sendings);
  startNext();
  return sendings;
}

/** One file on its way. `state` is `waiting`, `sending`, `away`, `reading`, `paused`, `ready`, `failed` or `stopped`. */
class Sending {
  constructor(file, order) {
    this.file = file;
    this.order = order;
    this.state = 'waiting';
    /** Of the upload on the server, once it is known. */
    this.id = null;
    /** After a problem: what has arrived is kept, and `goOn()` tries again. */
    this.canGoOn = false;
    /** After a problem with the file itself: small print that leads to what the problem means, to be put behind it. */
    this.explained = null;
    this.upload = null;
    this.heardAt = 0;
  }

  /** Keeps what has arrived. */
  pause() {
    if (!['waiting', 'sending', 'away'].includes(this.state)) return;
    void this.upload?.abort();
    leave(this);
    change(this, 'paused');
  }

  goOn() {
    if (this.state !== 'paused' && !(this.state === 'failed' && this.canGoOn)) return;
    this.canGoOn = false;
    change(this, 'waiting');
    queue.push(this);
    startNext();
  }

  /** Ends it; what has arrived is removed from the server. */
  stop() {
    if (['ready', 'stopped'].includes(this.state)) return;
    discard(this);
    leave(this);
    change(this, 'stopped');
  }
}

function startNext() {
  while (running.size < atOnce && queue.length > 0) {
    const sending = queue.shift();
    running.add(sending);
    change(sending, 'sending');
    void begin(sending);
  }
}

function leave(sending) {
  running.delete(sending);
  const place = queue.indexOf(sending);
  if (place >= 0) queue.splice(place, 1);
  startNext();
}

function change(sending, state, sentence = '') {
  sending.state = state;
  sending.heardAt = window.performance.now();
  sending.order.onState?.(state, sentence, sending);
}

async function begin(sending) {
  if (sending.upload === null) {
    sending.upload = new tus.Upload(sending.file, optionsOf(sending));
    const [known] = await sending.upload.findPreviousUploads();
    if (known !== undefined) sending.upload.resumeFromPreviousUpload(known);
  }
  if (running.has(sending)) sending.upload.start();
}

function optionsOf(sending) {
  const { endpoint, csrf, words } = sending.order;
  return {
    endpoint,
    headers: { 'x-csrf-token': csrf, accept: 'application/json' },
    metadata: { filename: sending.file.name },
    retryDelays,
    removeFingerprintOnSuccess: true,
    onUploadUrlAvailable: () => void (sending.id = sending.upload.url.split('/').at(-1)),
    onProgress: (sent, total) => progressed(sending, { sent, total }),
    onAfterResponse: refuseOddAnswer,
    onShouldRetry: (error) => {
      if (!passes(statusOf(error))) return false;
      // What was stopped is only being removed.
      if (running.has(sending)) change(sending, 'away', reasonOf(error, words));
      return true;
    },
    onSuccess: ({ lastResponse }) => void succeed(sending, lastResponse),
    onError: (error) => fail(sending, error),
  };
}

function progressed(sending, { sent, total }) {
  if (!running.has(sending)) return;
  sending.heardAt = window.performance.now();
  sending.order.onProgress?.(sent, total, sending);
  if (sent === total && sending.state !== 'reading') change(sending, 'reading');
  else if (sent < total && sending.state !== 'sending') change(sending, 'sending');
}

/** tus would take any failed question for “there is no such upload” and begin from the first byte: only 404 and 410 mean that. */
function refuseOddAnswer(request, answer) {
  const status = answer.getStatus();
  const isSignedOut = status < 300 && !answer.getHeader('Tus-Resumable');
  const isUnknown = request.getMethod() === 'HEAD' && status >= 400 && ![404, 410, 423].includes(status);
  if (isSignedOut) throw new OddAnswer(401, answer);
  if (isUnknown) throw new OddAnswer(status, answer);
}

class OddAnswer extends Error {
  constructor(status, answer) {
    super(`The server answered ${status}.`);
    this.status = status;
    this.answer = answer;
  }
}

/** 0 when there was no answer. */
function statusOf(error) {
  return error.causingError?.status ?? error.originalResponse?.getStatus() ?? 0;
}

/** What waiting helps against: no connection, a server that restarts or has no room, the lock of another request. */
function passes(status) {
  return status === 0 || status >= 500 || [408, 409, 423, 429].includes(status);
}

/** The server's own words, if it had any. */
function sentenceOf(error) {
  const answer = error.originalResponse ?? error.causingError?.answer;
  try {
    const { message, help } = JSON.parse(answer.getBody()).error;
    return help ? `${message} ${help}` : message;
  } catch {
    return undefined;
  }
}

function reasonOf(error, words) {
  const sentence = sentenceOf(error);
  return sentence === undefined ? words.away : `${sentence}${/[.!?]$/.test(sentence) ? '' : '.'} ${words.again}`;
}

async function succeed(sending, answer) {
  const problem = answer.getHeader('x-upload-problem');
  const mediaId = Number(answer.getHeader('x-media-id'));
  if (problem) return refuse(sending, decodeURIComponent(problem), notTaken);
  const html = await itemOf(sending, mediaId);
  leave(sending);
  change(sending, 'ready');
  sending.order.onReady?.(mediaId, html, sending);
}

async function itemOf(sending, mediaId) {
  const address = sending.order.endpoint.replace(/uploads$/, `${mediaId}/item`);
  for (const delay of retryDelays) {
    const answer = await fetch(address).catch(() => undefined);
    if (answer?.ok) return answer.text();
    if (answer?.status === 404) break;
    await new Promise((resolve) => setTimeout(resolve, delay));
  }
  return '';
}

/** What the person has to do something about. Signed out, or a page too old to be believed: the upload itself is kept. */
function fail(sending, error) {
  const { words } = sending.order;
  const status = statusOf(error);
  if (status === 404 || status === 410) return refuse(sending, words.gone);
  const sentence = sentenceOf(error);
  if (status !== 401 && status !== 403) return refuse(sending, sentence ?? words.lost, sentence && notTaken);
  sending.canGoOn = true;
  leave(sending);
  tell(sending, status === 401 ? words.signedOut : (sentence ?? words.signedOut));
}

function refuse(sending, sentence, code) {
  discard(sending);
  leave(sending);
  if (code && sending.order.words.notTaken) sending.explained = explanation(code, sending.order.words);
  tell(sending, sentence);
}

/** The code in small print: its page of the error book, in a tab of its own. */
function explanation(code, words) {
  const small = document.createElement('small');
  const link = document.createElement('a');
  small.className = 't-fine';
  Object.assign(link, { href: words.notTaken, target: '_blank', rel: 'noopener', textContent: code });
  small.append(`${words.code} `, link);
  return small;
}

function tell(sending, sentence) {
  change(sending, 'failed', sentence);
  sending.order.onProblem?.(sentence, sending);
}

/** Also forgets where it was: a file that was refused is not asked for again. What the server keeps is swept by itself. */
function discard({ upload }) {
  upload?.abort(true).catch(() => undefined);
}

// A connection can die without a word, under a closed lid most of all.
setInterval(() => {
  for (const sending of running) {
    const patience = silentMs[sending.state];
    if (patience !== undefined && window.performance.now() - sending.heardAt > patience) startAgain(sending);
  }
}, 5_000);

window.addEventListener('online', () => {
  for (const sending of running) if (sending.state === 'away') startAgain(sending);
});

function startAgain(sending) {
  sending.heardAt = window.performance.now();
  if (sending.upload === null) return;
  void sending.upload.abort();
  sending.upload.start();
}
