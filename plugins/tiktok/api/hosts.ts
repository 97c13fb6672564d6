/** @returns undefined when the text is no absolute address */
export function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** Whether this host name means the machine itself. `hostname` as `URL` gives it: lower case, IPv6 in brackets. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}

/** TikTok's picture hosts, as seen in avatar and cover links of `user/info` and `video/list`. */
const pictureDomains = [
  'tiktokcdn.com',
  'tiktokcdn-us.com',
  'tiktokcdn-eu.com',
  'tiktokv.com',
  'ibyteimg.com',
  'byteimg.com',
  'muscdn.com',
];

/** Which addresses out of TikTok's answers may be called. Loopback counts only while the API itself is on loopback. */
export class TrustedHosts {
  readonly #apiIsLocal: boolean;

  constructor(apiUrl: string) {
    this.#apiIsLocal = isLoopbackHost(new URL(apiUrl).hostname);
  }

  /** Upload addresses are opaque, but always under tiktokapis.com: developers.tiktok.com/doc/content-posting-api-media-transfer-guide */
  allowsUpload(address: string): boolean {
    return this.#allows(address, ['tiktokapis.com']);
  }

  allowsPicture(address: string): boolean {
    return this.#allows(address, pictureDomains);
  }

  #allows(address: string, domains: readonly string[]): boolean {
    const url = parseUrl(address);
    if (url === undefined || url.username !== '' || url.password !== '') return false;
    if (this.#apiIsLocal && isLoopbackHost(url.hostname)) return url.protocol === 'http:' || url.protocol === 'https:';
    if (url.protocol !== 'https:' || url.port !== '') return false;
    return domains.some((domain) => url.hostname === domain || url.hostname.endsWith(`.${domain}`));
  }
}
