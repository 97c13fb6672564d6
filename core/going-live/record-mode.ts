import type { FilmScene, ScenePlace } from '#plugin-api';

/** Kept in the session of the admin who switched it on: nobody else's pages know of it. */
export interface Recording {
  readonly plugin: string;
  /** UTC milliseconds. */
  readonly until: number;
}

export const recordingMs = 3_600_000;

/** What the strip on a page says. Names and sentences are in English: they are for reviewers. */
export interface RecordStrip {
  /** Undefined on a page that no scene plays on. */
  readonly scene: { readonly n: number; readonly title: string; readonly points: FilmScene['points'] } | undefined;
  readonly count: number;
  /** Where it goes on; undefined at the end. */
  readonly next: { readonly title: string; readonly href: string | undefined } | undefined;
  /** UTC milliseconds. */
  readonly until: number;
}

/** Where one person can show what is filmed. */
export interface Stage {
  /** Undefined: the person is in no team. */
  readonly teamId: number | undefined;
  /** The channel to show, and the post that was made for it last; undefined: there is none yet. */
  readonly channelId: number | undefined;
  readonly postId: number | undefined;
}

const pages: readonly { readonly place: ScenePlace; readonly pattern: RegExp }[] = [
  { place: 'home', pattern: /^\/$/ },
  { place: 'sign-in', pattern: /^\/sign-in$/ },
  { place: 'connect', pattern: /^\/team\/\d+\/channels$/ },
  { place: 'channel', pattern: /^\/team\/\d+\/channels\/\d+$/ },
  { place: 'compose', pattern: /^\/team\/\d+\/posts\/new$/ },
  { place: 'post', pattern: /^\/team\/\d+\/posts\/\d+$/ },
];

/** Which place of the film this page is. */
function placeAt(path: string): ScenePlace | undefined {
  return pages.find(({ pattern }) => pattern.test(path))?.place;
}

/** Signing in ends the session that holds the record mode, so that scene is filmed before. */
export function isFilmedBefore(scene: Pick<FilmScene, 'place'>): boolean {
  return scene.place === 'sign-in';
}

/** The strip of a page: which scene it is, its points, and where it goes on. */
export function stripAt(
  { path, until }: { readonly path: string; readonly until: number },
  scenes: readonly FilmScene[],
  stage: Stage,
): RecordStrip {
  const place = placeAt(path);
  const now = scenes.findIndex((scene) => scene.place === place);
  const current = scenes[now];
  const after = scenes.slice(current === undefined ? 0 : now + 1).find((scene) => !isFilmedBefore(scene));
  return {
    scene: current && { n: now + 1, title: current.title, points: current.points },
    count: scenes.length,
    next: after && { title: after.title, href: hrefOf(after.place, stage) },
    until,
  };
}

/** The page a scene plays on, as near as it can be reached now. */
export function hrefOf(place: ScenePlace, { teamId, channelId, postId }: Stage): string | undefined {
  if (place === 'home') return '/';
  if (teamId === undefined || place === 'sign-in' || place === 'network') return undefined;
  const team = `/team/${teamId}`;
  const under = (list: string, id: number | undefined) => `${team}/${list}${id === undefined ? '' : `/${id}`}`;
  switch (place) {
    case 'connect':
      return `${team}/channels`;
    case 'channel':
      return under('channels', channelId);
    case 'compose':
      return `${team}/posts/new`;
    case 'post':
      return under('posts', postId);
  }
}
