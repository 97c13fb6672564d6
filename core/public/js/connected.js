// The popup's last page: tells the page that opened it, and closes. `window.opener` may be gone: the network's pages
// cut that tie.
const listPath = document.querySelector('[data-connected]')?.dataset.connected;
if (listPath) {
  new BroadcastChannel('connected-channel').postMessage(listPath);
  setTimeout(() => window.close(), 100);
}
