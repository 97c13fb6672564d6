import { fileTypeFromFile } from 'file-type';
import { readVideo } from './read-video.ts';
import { extensions } from './video-types.ts';

// The entry of the process that reads a file people sent: hostile bytes meet its memory limit and its time limit, and
// whatever they do to a parser, the panel goes on. It is told the file's path once all of the file is there.
process.once('message', (path) => {
  void read(String(path));
});

async function read(path: string): Promise<void> {
  const type = (await fileTypeFromFile(path))?.mime ?? '';
  process.send?.({ type, ...(type in extensions ? await readVideo(path) : { refused: 'not-a-video' }) });
}
