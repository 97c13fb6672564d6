// What a picture carries beside its pixels and their colours. Allowed is what decoding needs; everything else is a note of
// somebody: EXIF, XMP, IPTC, comments, previews of what was cut off, the short film behind a telephone's picture.

/** @returns whether the file says more than how it looks */
export function carriesNotes(type: string, file: Buffer): boolean {
  if (type === 'image/jpeg') return jpegCarriesNotes(file);
  return type === 'image/webp' && webpCarriesNotes(file);
}

const startOfScan = 0xda;
const endOfImage = 0xd9;
const comment = 0xfe;

function jpegCarriesNotes(file: Buffer): boolean {
  let at = 2;
  while (at + 4 <= file.length) {
    const marker = file[at + 1] ?? 0;
    if (file[at] !== 0xff) return true;
    if (marker === 0xff) {
      // Any number of these may stand before a marker.
      at += 1;
      continue;
    }
    const body = file.subarray(at + 4, at + 2 + file.readUInt16BE(at + 2));
    if (marker === comment || (isOfApplication(marker) && !isNeeded(marker, body))) return true;
    at += 4 + body.length;
    if (marker !== startOfScan) continue;
    at = endOfScan(file, at);
    if (file[at + 1] === endOfImage) return isMoreThanPadding(file.subarray(at + 2));
  }
  return true;
}

function isOfApplication(marker: number): boolean {
  return marker >= 0xe0 && marker <= 0xef;
}

/** The head of JFIF without a preview, a colour profile, and how Adobe's encoders mix colours. */
function isNeeded(marker: number, body: Buffer): boolean {
  const begins = (name: string): boolean => body.toString('latin1', 0, name.length) === name;
  if (marker === 0xe0) return begins('JFIF\0') && body.length === 14;
  if (marker === 0xe2) return begins('ICC_PROFILE\0');
  return marker === 0xee && begins('Adobe') && body.length === 12;
}

/** Where the next marker stands: within the pixels 0xff is followed by 0, or by the number of a restart. */
function endOfScan(file: Buffer, from: number): number {
  let at = file.indexOf(0xff, from);
  while (at >= 0 && at + 1 < file.length) {
    const next = file[at + 1] ?? 0;
    if (next !== 0 && !(next >= 0xd0 && next <= 0xd7) && next !== 0xff) return at;
    at = file.indexOf(0xff, at + 1);
  }
  return file.length;
}

const neededChunks: ReadonlySet<string> = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ICCP']);

function webpCarriesNotes(file: Buffer): boolean {
  const end = Math.min(8 + file.readUInt32LE(4), file.length);
  let at = 12;
  while (at + 8 <= end) {
    if (!neededChunks.has(file.toString('latin1', at, at + 4))) return true;
    const bytes = file.readUInt32LE(at + 4);
    at += 8 + bytes + (bytes % 2);
  }
  return isMoreThanPadding(file.subarray(end));
}

function isMoreThanPadding(rest: Buffer): boolean {
  return rest.some((byte) => byte !== 0);
}
