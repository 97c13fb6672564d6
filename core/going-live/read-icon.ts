import { open } from 'node:fs/promises';
import type { IconFacts, IconRule } from '#plugin-api';

/** Why a network would not take a picture as its app's icon, with what is so. */
export type IconFault =
  | { readonly fault: 'unreadable' | 'type' }
  | { readonly fault: 'bytes'; readonly mostBytes: number }
  | { readonly fault: 'side'; readonly width: number; readonly height: number; readonly side: number };

/** More than this is no icon, whatever its head says. */
const mostPixels = 40_000_000;

/**
 * Opens a picture and holds it against the network's rule. It is read to its end, so that one that breaks off is found.
 * @throws errors of the disk, which are no fault of the picture
 */
export async function readIcon(
  file: { readonly path: string; readonly fileName: string; readonly bytes: number },
  rule: IconRule,
): Promise<IconFacts | IconFault> {
  if (file.bytes > rule.mostBytes) return { fault: 'bytes', mostBytes: rule.mostBytes };
  const type = await typeOf(file.path);
  if (type === undefined || !rule.types.includes(type)) return { fault: 'type' };
  const size = await sizeOf(file.path);
  if (size === undefined) return { fault: 'unreadable' };
  const { side } = rule;
  if (size.width !== side || size.height !== side) return { fault: 'side', ...size, side };
  return { fileName: file.fileName, bytes: file.bytes, ...size };
}

/** By its first bytes: nothing else than these two is ever handed to a decoder. */
async function typeOf(path: string): Promise<'image/jpeg' | 'image/png' | undefined> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(8);
    await file.read(head, 0, head.length, 0);
    if (head.toString('hex') === '89504e470d0a1a0a') return 'image/png';
    return head.subarray(0, 3).toString('hex') === 'ffd8ff' ? 'image/jpeg' : undefined;
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<{ readonly width: number; readonly height: number } | undefined> {
  const { default: sharp } = await import('sharp');
  try {
    const picture = sharp(path, { limitInputPixels: mostPixels, failOn: 'error' });
    const { width, height } = await picture.metadata();
    await picture.stats();
    return { width, height };
  } catch (error) {
    // sharp's own errors name no call of the system: the file is at fault.
    if (error instanceof Error && 'syscall' in error) throw error;
    return undefined;
  }
}
