import type { Translate } from '#plugin-api';
import { InputError } from '../errors.ts';
import type { LogoKind } from '../web/brand.ts';

/** Twice what the largest place shows, for sharp screens. */
const boxes = { square: { width: 256, height: 256 }, wide: { width: 720, height: 112 } } as const;
const mostPixels = 25_000_000;
const mostStored = 1_000_000;

/** Beyond this ratio of its sides a picture is not square. */
const squarest = 1.05;
/** From this ratio on it is wide. */
const wideFrom = 1.5;

/**
 * A small PNG of an uploaded picture, drawn anew: nothing of the file itself is ever sent to anybody. SVG is refused, as
 * it may hold script.
 * @param file a path @throws InputError at `file`
 */
export async function makeLogo(t: Translate, file: string, kind: LogoKind): Promise<Buffer> {
  const refuse = (reason: string): InputError =>
    new InputError([{ field: 'file', message: t(`identity:logo.fault.${reason}`) }]);
  const { default: sharp } = await import('sharp');
  const picture = sharp(file, { limitInputPixels: mostPixels, failOn: 'error' });
  const facts = await picture.metadata().catch((error: unknown) => {
    throw new InputError([{ field: 'file', message: t('identity:logo.fault.unreadable') }], { cause: error });
  });
  if (!['png', 'jpeg', 'webp'].includes(facts.format)) throw refuse('format');
  const ratio = facts.width / facts.height;
  if (kind === 'square' && (ratio > squarest || ratio < 1 / squarest)) throw refuse('square');
  if (kind === 'square' && facts.width < 128) throw refuse('small');
  if (kind === 'wide' && ratio < wideFrom) throw refuse('wide');
  const drawn = picture
    .rotate()
    .resize({ ...boxes[kind], fit: 'inside', withoutEnlargement: true })
    .png();
  const png = await drawn.toBuffer().catch((error: unknown) => {
    throw new InputError([{ field: 'file', message: t('identity:logo.fault.unreadable') }], { cause: error });
  });
  if (png.length > mostStored) throw refuse('unreadable');
  return png;
}
