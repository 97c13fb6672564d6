import type { FileOpinion, SiteVerification, Translate } from '#plugin-api';

const key = 'tiktok-developers-site-verification=';
const code = /^[A-Za-z0-9]{8,64}$/;
const fileName = /^tiktok([A-Za-z0-9]{8,64})\.txt$/;

/**
 * TikTok's URL properties. A domain is proven by a TXT record `tiktok-developers-site-verification=<CODE>`, a URL prefix by
 * the file `tiktok<CODE>.txt` directly below it with the same text in it; CODE is 32 letters and digits, another one for
 * each property (developers.tiktok.com/doc/content-posting-api-media-transfer-guide; name and content of the file as found
 * in many repositories). Other names, such as `tiktok-verification.txt`, are told of in guides, so they are only remarked on.
 */
export function createSiteVerification(t: Translate): SiteVerification {
  return {
    where: t('tiktok-site:where'),
    exampleName: 'tiktokAbCdEf0123456789AbCdEf0123456789.txt',
    lookAt: ({ name, content }) => lookAt(t, name, content),
    txtValue: (typed) => {
      const text = typed.trim().replace(/^"|"$/g, '');
      const value = text.startsWith(key) ? text.slice(key.length) : text;
      return code.test(value) ? `${key}${value}` : undefined;
    },
  };
}

function lookAt(t: Translate, name: string, content: string): FileOpinion | undefined {
  const named = fileName.exec(name)?.[1];
  const text = content.trim();
  const found = text.startsWith(key) ? text.slice(key.length).trim() : undefined;
  if (named === undefined && found === undefined) return undefined;
  if (found === undefined || !code.test(found)) return { kind: 'doubtful', problem: t('tiktok-site:noCode') };
  if (named === undefined) {
    return { kind: 'doubtful', problem: t('tiktok-site:noName', { expected: `tiktok${found}.txt` }) };
  }
  return named === found
    ? { kind: 'fits' }
    : { kind: 'doubtful', problem: t('tiktok-site:mismatch', { named, found }) };
}
