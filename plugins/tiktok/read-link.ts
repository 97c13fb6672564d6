import type { ChannelView, ReadLink, Translate } from '#plugin-api';
import { postUrl } from './step-parts.ts';

const shortHosts = ['vm.tiktok.com', 'vt.tiktok.com', 'm.tiktok.com'];
const hosts = ['www.tiktok.com', 'tiktok.com'];

/**
 * Reads the address of a post as people copy it from TikTok: `https://www.tiktok.com/@name/video/7678907398077074696`, or
 * `/photo/…`, with or without what is behind the question mark. Short links name neither account nor video, so they are refused.
 */
export function readVideoLink(t: Translate, typed: string, channel: Pick<ChannelView, 'username'>): ReadLink {
  const url = addressIn(typed.trim());
  if (url === undefined) return { problem: t('tiktok:link.unreadable') };
  const isShort = shortHosts.includes(url.hostname) || /^\/t\//u.test(url.pathname);
  if (isShort) return { problem: t('tiktok:link.short') };
  if (!hosts.includes(url.hostname)) return { problem: t('tiktok:link.elsewhere', { host: url.hostname }) };
  const [, name, of, remoteId] = /^\/@([^/]+)\/(video|photo)\/(\d{19})\/?$/u.exec(url.pathname) ?? [];
  if (name === undefined || remoteId === undefined) return { problem: t('tiktok:link.unreadable') };
  const username = channel.username ?? name;
  if (username.toLowerCase() !== name.toLowerCase()) {
    return { problem: t('tiktok:link.otherAccount', { name, username }) };
  }
  return { remoteId, url: postUrl(username, remoteId, of === 'photo' ? 'photo' : 'video') };
}

/** People leave `https://` out, as browsers do. An address with a name, a password or a port of its own is none. */
function addressIn(typed: string): URL | undefined {
  const address = /^[a-z]+:/iu.test(typed) ? typed : `https://${typed}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.port !== '') return undefined;
  return url;
}
