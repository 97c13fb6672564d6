/** Which hosts and origins are this installation. */
export interface Hosts {
  readonly isOwn: (host: string | undefined) => boolean;
  /** Whether a request to this host sent by a page of this origin comes from ourselves. */
  readonly isOwnOrigin: (origin: string | undefined, host: string | undefined) => boolean;
}

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/**
 * The public address alone counts; where it is a loopback address, all three of its names do,
 * because people type any of them.
 */
export function hostsOf(publicUrl: string): Hosts {
  const { protocol, hostname, host, port } = new URL(publicUrl);
  const isLocal = loopbackNames.includes(hostname);
  const own = isLocal ? loopbackNames.map((name) => (port === '' ? name : `${name}:${port}`)) : [host];
  // Proxies may write the scheme's own port out: `panel.example:443`.
  const plain = (asked: string) => asked.toLowerCase().replace(protocol === 'https:' ? /:443$/ : /:80$/, '');
  const isOwn = (asked: string | undefined) => asked !== undefined && own.includes(plain(asked));
  return {
    isOwn,
    isOwnOrigin: (origin, asked) => isOwn(asked) && origin === `${protocol}//${plain(asked ?? '')}`,
  };
}
