import type { MediaView, Translate } from '#plugin-api';
import { fileModel } from '../media/media-routes.ts';
import type { MediaService } from '../media/media-service.ts';
import { changedLine, lengthOf } from '../media/media-words.ts';
import type { Media } from '../media/media.ts';
import type { TeamOfMember } from '../web/route.ts';
import type { TypedPost } from './post-form.ts';

export interface ComposerMediaParts {
  readonly media: Pick<MediaService, 'page' | 'findMany' | 'view'>;
}

interface MediaPlace {
  readonly team: TeamOfMember;
  readonly t: Translate;
  readonly locale: string;
}

type TypedMedia = Pick<TypedPost, 'mediaIds' | 'cover'>;

const filesInDialog = 60;
const framesOffered = 9;
/** Below this a whole second holds more than one frame. */
const shortVideoMs = 18_000;

/** The chosen files that are still there, in their order. */
export async function findChosen({ media }: ComposerMediaParts, teamId: number, ids: readonly number[]) {
  const chosen = await media.findMany(teamId, ids);
  return chosen.filter(({ deletedAt }) => deletedAt === null);
}

/** As networks' composers see them. */
export function viewsOf({ media }: ComposerMediaParts, files: readonly Media[]): readonly MediaView[] {
  return files.map((file) => media.view(file));
}

/** What is chosen: the files with their facts, and where in them the cover may be. */
export function chosenModel({ team, t, locale }: MediaPlace, files: readonly Media[], { cover }: TypedMedia) {
  const [first] = files;
  const isVideo = first?.kind === 'video';
  return {
    files: files.map((file, place) => ({
      ...fileModel({ team }, file),
      changed: changedLine({ t, locale }, file),
      isCover: cover === place,
    })),
    order: files.map(({ id }) => id).join(','),
    isVideo,
    isPhotos: first !== undefined && !isVideo,
    cover,
    coverAt: isVideo && cover !== null ? frameName(first, cover) : null,
    frames: isVideo ? framesOf(first, cover) : [],
  };
}

/** Where the post's cover is, in words; null where the network chooses it. */
export function coverLine(
  t: Translate,
  { cover, media }: { readonly cover: number | null; readonly media: readonly Media[] },
) {
  const [first] = media;
  if (cover === null || first === undefined) return null;
  if (first.kind === 'video') return t('composer:media.coverLine', { at: frameName(first, cover) });
  return t('composer:media.coverPhotoLine', { place: cover + 1, name: media[cover]?.fileName ?? '' });
}

/** Nine moments of the video, evenly spread, and the chosen one where it is none of them. */
function framesOf(video: Media, cover: number | null) {
  const length = video.durationMs ?? 0;
  const step = length < shortVideoMs ? 100 : 1_000;
  const even = Array.from({ length: framesOffered }, (_, n) => {
    const at = (length * n) / framesOffered;
    return Math.floor(at / step) * step;
  });
  const moments = [...new Set(cover === null ? even : [...even, cover])].sort((one, other) => one - other);
  return moments.map((at) => ({ at, name: frameName(video, at), isChosen: at === cover }));
}

/** `0:20`; of a short video `0:02.4`. */
function frameName({ durationMs }: Media, at: number): string {
  const whole = Math.floor(at / 1_000) * 1_000;
  const tenths = Math.floor((at - whole) / 100);
  return (durationMs ?? 0) < shortVideoMs ? `${lengthOf(whole)}.${tenths}` : lengthOf(whole);
}

/** The files to choose from; the chosen ones wherever they stand. */
export async function libraryModel(
  { media }: ComposerMediaParts,
  team: TeamOfMember,
  question: { readonly chosen: readonly Media[]; readonly before: number | null },
) {
  const { chosen, before } = question;
  const page = await media.page(team.id, { before, limit: filesInDialog });
  const isChosen = new Set(chosen.map(({ id }) => id));
  const others = page.items.filter((file) => file.deletedAt === null && !isChosen.has(file.id));
  return {
    files: [...chosen, ...others].map((file) => ({ ...fileModel({ team }, file), isChosen: isChosen.has(file.id) })),
    older: page.next,
    uploadHref: `/team/${team.id}/files`,
  };
}
