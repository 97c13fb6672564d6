import path from 'node:path';

/** `lucia-rehearsal_02.mp4` → `lucia rehearsal 02`: a beginning that a person goes on from. */
export function captionOfFile(fileName: string): string {
  return path.parse(fileName).name.replace(/[_-]+/gu, ' ').replace(/\s+/gu, ' ').trim();
}
