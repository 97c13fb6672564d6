import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { changedLine } from '../../../core/media/media-words.ts';
import type { PictureFacts } from '../../../core/media/media.ts';
import { placesBeside } from '../../../core/media/picture-places.ts';
import { type PictureReading, readPicture } from '../../../core/media/read-picture.ts';
import { needs } from '../../support/needs.ts';
import { makePicture, type PictureOrder } from '../../support/pictures.ts';

describe('A picture that comes in', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'castdeck-picture-'));
    file = path.join(folder, 'received');
  });

  afterEach(() => rm(folder, { recursive: true }));

  const read = async (type: string, order: PictureOrder): Promise<PictureFacts> => {
    await copyFile(await makePicture(order), file);
    return accepted(await readPicture({ path: file, type }, placesBeside(file)));
  };
  const made = () => placesBeside(file).made;

  it('R28: is kept byte for byte where networks take it as it is', async () => {
    for (const format of ['jpeg', 'webp'] as const) {
      const facts = await read(`image/${format}`, { width: 1080, height: 1350, format });
      expect(facts).to.include({ type: `image/${format}`, width: 1080, height: 1350, changed: null });
      expect(facts.bytes).to.equal((await stat(file)).size);
      expect(facts.sha256).to.equal(sha256(await readFile(file)));
      expect(existsSync(made())).to.equal(false);
    }
  });

  it('becomes a JPEG when it is a PNG, and says so', async () => {
    const facts = await read('image/png', { width: 600, height: 800, format: 'png' });
    expect(facts).to.include({ type: 'image/jpeg', width: 600, height: 800 });
    expect(facts.sha256).to.equal(sha256(await readFile(made())));
    expect(facts.bytes).to.equal((await stat(made())).size);
    expect(said(facts)).to.equal('converted from PNG');
  });

  it('is made smaller to 1080p, upright or across, and says from what to what', async () => {
    const tall = await read('image/png', { width: 1512, height: 2016, format: 'png' });
    expect([tall.width, tall.height]).to.deep.equal([1080, 1440]);
    expect(said(tall)).to.equal('converted from PNG and made smaller: 1512 × 2016 → 1080 × 1440');
    const wide = await read('image/webp', { width: 3000, height: 1500, format: 'webp' });
    expect(wide).to.include({ type: 'image/webp', width: 1920, height: 960 });
    expect(said(wide)).to.equal('made smaller: 3000 × 1500 → 1920 × 960');
  });

  it('R28: gets nothing added: what was dark stays dark, what was light stays light', async () => {
    await read('image/png', { width: 1400, height: 1400, format: 'png' });
    const { data, info } = await sharp(made()).raw().toBuffer({ resolveWithObject: true });
    const shade = (x: number, y: number): number => data[(y * info.width + x) * info.channels] ?? -1;
    const rows = [0, 1, 540, 1078, 1079];
    for (const y of rows) expect(shade(100, y), `dark at ${y}`).to.be.within(50, 66);
    for (const y of rows) expect(shade(980, y), `light at ${y}`).to.be.within(224, 240);
  });

  it('is turned upright when the camera lay on its side, and loses camera, author and place on the way', async () => {
    const facts = await read('image/jpeg', { width: 800, height: 600, orientation: 6, author: 'Lucia Marini' });
    expect([facts.width, facts.height]).to.deep.equal([600, 800]);
    expect(said(facts)).to.equal('turned upright and place and camera data removed');
    const meta = await sharp(made()).metadata();
    expect([meta.exif, meta.orientation]).to.deep.equal([undefined, undefined]);
    // What was on the left is on top now.
    const { data, info } = await sharp(made()).raw().toBuffer({ resolveWithObject: true });
    const shade = (y: number): number => data[(y * info.width + 300) * info.channels] ?? -1;
    expect(shade(20)).to.be.lessThan(80);
    expect(shade(780)).to.be.greaterThan(200);
    expect((await readFile(made())).toString('latin1')).to.not.include('Lucia');
  });

  it('loses place, camera and author also where networks would take it as it is, and says so', async () => {
    for (const format of ['jpeg', 'webp'] as const) {
      const facts = await read(`image/${format}`, { width: 1080, height: 1350, format, author: 'Lucia Marini' });
      expect(facts).to.include({ type: `image/${format}`, width: 1080, height: 1350 });
      expect(said(facts)).to.equal('place and camera data removed');
      expect(facts.sha256).to.equal(sha256(await readFile(made())));
      expect((await readFile(made())).toString('latin1')).to.not.include('Lucia');
      expect(await sharp(made()).metadata()).to.not.have.any.keys('exif', 'xmp', 'iptc');
    }
    await sharp(await makePicture())
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">Lucia Marini</x:xmpmeta>')
      .toFile(file);
    const { changed } = accepted(await readPicture({ path: file, type: 'image/jpeg' }, placesBeside(file)));
    expect(changed?.what).to.deep.equal(['notes']);
  });

  it('loses what else lies in the file beside its pixels: comments, previews, a film behind it', async () => {
    const plain = await readFile(await makePicture());
    const webp = await readFile(await makePicture({ format: 'webp' }));
    const words = Buffer.from('Lucia Marini, 55.6761 N 12.5683 E');
    const segment = (marker: number, body: Buffer): Buffer => {
      const head = Buffer.from([0xff, marker, 0, 0]);
      head.writeUInt16BE(body.length + 2, 2);
      return Buffer.concat([plain.subarray(0, 2), head, body, plain.subarray(2)]);
    };
    const chunk = Buffer.concat([
      webp,
      Buffer.from('NOTE'),
      Buffer.from([words.length + 1, 0, 0, 0]),
      words,
      Buffer.alloc(2),
    ]);
    chunk.writeUInt32LE(chunk.length - 8, 4);
    const behind = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypmp42'), words]);
    const odd: readonly (readonly [string, string, Buffer])[] = [
      ['a comment', 'image/jpeg', segment(0xfe, words)],
      ['a preview of JFIF', 'image/jpeg', segment(0xe0, Buffer.concat([Buffer.from('JFXX\0'), words]))],
      ['several pictures in one', 'image/jpeg', segment(0xe2, Buffer.concat([Buffer.from('MPF\0'), words]))],
      ['where it came from', 'image/jpeg', segment(0xeb, words)],
      ['a film behind it', 'image/jpeg', Buffer.concat([plain, behind])],
      ['an unknown chunk', 'image/webp', chunk],
      ['a film behind it', 'image/webp', Buffer.concat([webp, behind])],
    ];
    for (const [what, type, bytes] of odd) {
      await writeFile(file, bytes);
      const facts = accepted(await readPicture({ path: file, type }, placesBeside(file)));
      expect(facts.changed?.what, what).to.deep.equal(['notes']);
      expect((await readFile(made())).toString('latin1'), what).to.not.include('Lucia');
      const again = await readPicture({ path: made(), type }, placesBeside(made()));
      expect(accepted(again).changed, `${what}: nothing is left`).to.equal(null);
    }
    const png = await readFile(await makePicture({ format: 'png' }));
    const text = pngChunk('tEXt', Buffer.concat([Buffer.from('Comment\0'), words]));
    await writeFile(file, Buffer.concat([png.subarray(0, 33), text, png.subarray(33)]));
    accepted(await readPicture({ path: file, type: 'image/png' }, placesBeside(file)));
    expect((await readFile(made())).toString('latin1')).to.not.include('Lucia');

    await writeFile(file, Buffer.concat([plain, Buffer.alloc(512)]));
    expect(accepted(await readPicture({ path: file, type: 'image/jpeg' }, placesBeside(file))).changed).to.equal(null);
  });

  it('is kept with several scans and with the marks that encoders put between them', async () => {
    const drawn = sharp(await makePicture({ width: 700, height: 900 }));
    await writeFile(file, await drawn.jpeg({ progressive: true, optimiseScans: true }).toBuffer());
    expect(accepted(await readPicture({ path: file, type: 'image/jpeg' }, placesBeside(file))).changed).to.equal(null);
  });

  describe('of a real encoder that signs its work', () => {
    before(needs('ffmpeg'));

    it('loses the signature', async () => {
      const drawing = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=640x480', '-frames:v', '1', '-f', 'mjpeg'];
      execFileSync('ffmpeg', [...drawing, '-y', file]);
      expect((await readFile(file)).toString('latin1')).to.include('Lavc');
      const facts = accepted(await readPicture({ path: file, type: 'image/jpeg' }, placesBeside(file)));
      expect(facts).to.deep.include({ width: 640, height: 480 });
      expect(facts.changed?.what).to.deep.equal(['notes']);
      expect((await readFile(made())).toString('latin1')).to.not.include('Lavc');
    });
  });

  it('is not blamed for a disk that takes nothing more', async () => {
    await copyFile(await makePicture({ format: 'png' }), file);
    await symlink('/dev/full', made());
    const reading = await readPicture({ path: file, type: 'image/png' }, placesBeside(file)).catch(
      (error: unknown) => error,
    );
    expect(reading).to.include({ code: 'ENOSPC' });
  });

  it('is converted to sRGB when its colours are measured otherwise', async () => {
    const facts = await read('image/jpeg', { width: 300, height: 300, profile: 'p3' });
    expect(said(facts)).to.equal('converted to sRGB colours');
    expect((await sharp(made()).metadata()).icc).to.equal(undefined);
  });

  it('gets a small picture for pages, made of what is kept', async () => {
    await read('image/png', { width: 1512, height: 2016, format: 'png' });
    const small = await sharp(placesBeside(file).poster).metadata();
    expect([small.format, small.width, small.height]).to.deep.equal(['jpeg', 540, 720]);
  });

  it('is refused when it moves', async () => {
    const frame = await sharp(await makePicture({ width: 40, height: 40 }))
      .raw()
      .toBuffer();
    const raw = { width: 40, height: 80, channels: 3, pageHeight: 40 } as const;
    await sharp(Buffer.concat([frame, frame.map((shade) => 255 - shade)]), { raw })
      .webp()
      .toFile(file);
    expect(await readPicture({ path: file, type: 'image/webp' }, placesBeside(file))).to.deep.equal({
      refused: 'animated',
    });
  });

  it('S24, S28: is refused when it breaks off, is none, or has more pixels than anybody posts', async () => {
    await copyFile(await makePicture({ width: 900, height: 900 }), file);
    await truncate(file, Math.floor((await stat(file)).size / 2));
    const refused = { refused: 'unreadable-picture' };
    expect(await readPicture({ path: file, type: 'image/jpeg' }, placesBeside(file))).to.deep.equal(refused);
    await writeFile(file, '\xff\xd8\xff<svg onload="alert(1)"/>', 'latin1');
    expect(await readPicture({ path: file, type: 'image/jpeg' }, placesBeside(file))).to.deep.equal(refused);
    await writeFile(file, bomb());
    expect(await readPicture({ path: file, type: 'image/png' }, placesBeside(file))).to.deep.equal(refused);
  });

  it('S24: is refused by its head alone where opening it would take too much memory, half of that when interlaced', async () => {
    const readHead = async (head: PngHead): Promise<PictureReading> => {
      await writeFile(file, pngOf(head));
      return readPicture({ path: file, type: 'image/png' }, placesBeside(file));
    };
    const refused = { refused: 'heavy-picture' };
    expect(await readHead({ side: 7740, bits: 16, isInterlaced: true })).to.deep.equal(refused);
    expect(await readHead({ side: 7740, bits: 8, isInterlaced: true })).to.deep.equal(refused);
    expect(await readHead({ side: 7740, bits: 16, isInterlaced: false })).to.deep.equal(refused);
    // It is opened, and breaks off at once.
    const opened = { refused: 'unreadable-picture' };
    expect(await readHead({ side: 6000, bits: 8, isInterlaced: true })).to.deep.equal(opened);
    expect(await readHead({ side: 7740, bits: 8, isInterlaced: false })).to.deep.equal(opened);
  });
});

function accepted(reading: PictureReading): PictureFacts {
  if ('refused' in reading) throw new Error(`It was refused: ${reading.refused}.`);
  return reading.picture;
}

/** Words as the locale file has them. */
function said(facts: PictureFacts): string | undefined {
  const words: Readonly<Record<string, string>> = {
    ...{ format: 'converted from PNG', size: 'made smaller', turned: 'turned upright' },
    ...{ colours: 'converted to sRGB colours', weight: 'saved again with fewer bytes' },
    ...{ notes: 'place and camera data removed' },
  };
  const line = changedLine({ t: (key) => words[key.replace('media:changed.', '')] ?? key, locale: 'en-GB' }, facts);
  return line === null ? undefined : line.charAt(0).toLowerCase() + line.slice(1);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A few bytes that say: 65,535 × 65,535 pixels. */
function bomb(): Buffer {
  const head = Buffer.from('89504e470d0a1a0a0000000d494844520000ffff0000ffff0802000000', 'hex');
  return Buffer.concat([head, Buffer.alloc(64)]);
}

interface PngHead {
  readonly side: number;
  readonly bits: 8 | 16;
  readonly isInterlaced: boolean;
}

/** A PNG in three colours that ends where its pixels begin. */
function pngOf({ side, bits, isInterlaced }: PngHead): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([bits, 2, 0, 0, isInterlaced ? 1 : 0], 8);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, pngChunk('IHDR', head), pngChunk('IDAT', deflateSync(Buffer.alloc(8)))]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
