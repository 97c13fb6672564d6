import { fileTypeFromFile } from 'file-type';
import { placesBeside } from './picture-places.ts';
import { pictureTypes } from './picture-types.ts';
import { readPicture } from './read-picture.ts';
import { readVideo } from './read-video.ts';
import { extensions } from './video-types.ts';

// The entry of the process that reads a file people sent: hostile bytes meet its memory limit and its time limit, and
// whatever they do to a parser, the panel goes on. It is told the file's path once all of the file is there.
process.once('message', (path) => {
  void read(String(path));
});

async function read(path: string): Promise<void> {
  const type = (await fileTypeFromFile(path))?.mime ?? '';
  process.send?.({ type, ...(await readAs(type, path).catch(diskProblem)) });
}

/** Of an error of the disk, by its code: the file is as good as it was. @throws what is none */
function diskProblem(error: unknown): { readonly disk: string } {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error;
  return { disk: String(error.code) };
}

async function readAs(type: string, path: string): Promise<object> {
  if (type in extensions) return readVideo(path);
  if (pictureTypes.includes(type)) return readPicture({ path, type }, placesBeside(path));
  return { refused: type === 'image/apng' || type === 'image/gif' ? 'animated' : 'not-usable' };
}
