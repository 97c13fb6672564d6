import type { Clock } from '#plugin-api';
import type { PublicContext, Route } from '../web/route.ts';
import { type FindLinkedFile, type MediaLinks, mediaLinkPath } from './media-links.ts';

interface MediaLinkParts {
  /** Where the files of media lie. */
  readonly mediaFolder: string;
  readonly findLinkedFile: FindLinkedFile;
  readonly mediaLinks: MediaLinks;
  readonly clock: Clock;
}

/** What networks fetch: the bytes, or nothing at all, in the same words whatever is wrong. */
export function mediaLinkRoutes(parts: MediaLinkParts): readonly Route[] {
  return [
    {
      method: 'get',
      path: `${mediaLinkPath}:name`,
      permission: 'public',
      handle: (context) => sendLinked(parts, context),
    },
  ];
}

async function sendLinked(parts: MediaLinkParts, context: PublicContext): Promise<void> {
  const { mediaLinks, clock } = parts;
  const { res } = context;
  res.set({ 'Cache-Control': 'private, no-store', 'X-Robots-Tag': 'noindex, nofollow' });
  const id = mediaLinks.open(context.params['name'] ?? '', clock.now());
  const file = id === undefined ? undefined : await parts.findLinkedFile(id);
  if (file === undefined) {
    res.status(404).type('text/plain').send('Not found\n');
    return;
  }
  res.set({
    'Content-Type': file.type,
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'cross-origin',
  });
  const options = { root: parts.mediaFolder, cacheControl: false, lastModified: false };
  await new Promise<void>((resolve, reject) => {
    res.sendFile(file.storedName, options, (error?: Error) => {
      // Whoever fetches may leave: that is no fault.
      if (!error || res.headersSent) resolve();
      else reject(error);
    });
  });
}
