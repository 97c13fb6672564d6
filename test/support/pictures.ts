import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';

const folder = path.join(tmpdir(), `castdeck-test-pictures-${process.pid}`);

export interface PictureOrder {
  readonly width?: number;
  readonly height?: number;
  readonly format?: 'jpeg' | 'png' | 'webp';
  /** EXIF: how the camera was held. 6: a quarter to the right. */
  readonly orientation?: number;
  /** Written into the file as EXIF, with a place. */
  readonly author?: string;
  readonly profile?: 'p3';
}

/** A real picture, its left half dark and its right half light. */
export async function makePicture(order: PictureOrder = {}): Promise<string> {
  const { width = 1080, height = 1350, format = 'jpeg' } = order;
  await mkdir(folder, { recursive: true });
  const name = `${Object.values({ width, height, ...order }).join('-')}.${format}`;
  const half = { width: Math.floor(width / 2), height, channels: 3 as const, background: '#e8dcc8' };
  const light = await sharp({ create: half }).png().toBuffer();
  const picture = sharp({ create: { width, height, channels: 3, background: '#3a2a1c' } })
    .composite([{ input: light, left: width - half.width, top: 0 }])
    .toFormat(format);
  const described =
    order.author === undefined
      ? picture
      : picture.withExif({
          IFD0: { Artist: order.author },
          IFD3: { GPSLatitude: '55/1 40/1 30/1', GPSLatitudeRef: 'N' },
        });
  const coloured = order.profile === undefined ? described : described.withIccProfile(order.profile);
  const turned = order.orientation === undefined ? coloured : coloured.withMetadata({ orientation: order.orientation });
  const file = path.join(folder, name);
  await writeFile(file, await turned.toBuffer());
  return file;
}
