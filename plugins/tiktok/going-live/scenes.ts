import type { FilmPoint, FilmScene, GoingLiveFacts, ScenePlace, Translate } from '#plugin-api';
import { scopesIn } from './review-texts.ts';

interface PointShape {
  readonly id: string;
  /** Numbers of docs/AUDIT.md. */
  readonly demands?: readonly string[];
  readonly shows?: readonly string[];
  /** Only where this scope is asked for. */
  readonly scope?: string;
}

interface SceneShape {
  readonly place: ScenePlace;
  readonly id: string;
  readonly clicks: number;
  /** Only where one of these scopes is asked for. */
  readonly scopes?: readonly string[];
  readonly points: readonly PointShape[];
}

const scopePoint = (scope: string): PointShape => ({ id: scope.replaceAll('.', '_'), shows: [scope], scope });

/**
 * From the website to the post on TikTok: the film for the app's review shows all products and scopes, the one for the
 * audit walks through the whole composer. The demands are those of
 * developers.tiktok.com/doc/content-sharing-guidelines, R1 to R34, R38 and R40.
 */
const shapes: readonly SceneShape[] = [
  {
    ...{ place: 'home', id: 'home', clicks: 3 },
    points: [{ id: 'purpose', demands: ['R38'] }, { id: 'policies' }],
  },
  { ...{ place: 'sign-in', id: 'signIn', clicks: 2 }, points: [{ id: 'account' }] },
  {
    ...{ place: 'connect', id: 'connect', clicks: 4 },
    points: [{ id: 'login', shows: ['Login Kit'] }, scopePoint('user.info.basic')],
  },
  {
    ...{ place: 'channel', id: 'channel', clicks: 2 },
    scopes: ['user.info.profile', 'user.info.stats', 'video.list'],
    points: [scopePoint('user.info.profile'), scopePoint('user.info.stats'), scopePoint('video.list')],
  },
  {
    ...{ place: 'compose', id: 'compose', clicks: 7 },
    scopes: ['video.publish'],
    points: [
      { id: 'creatorInfo', shows: ['video.publish', 'Content Posting API'], demands: ['R1'] },
      { id: 'nickname', demands: ['R2'] },
      { id: 'blocked', demands: ['R3'] },
      { id: 'length', demands: ['R4'] },
      { id: 'caption', demands: ['R5', 'R29'] },
      { id: 'privacy', demands: ['R6', 'R7'] },
      { id: 'interactions', demands: ['R8', 'R9', 'R10'] },
      { id: 'photos', demands: ['R11'] },
      { id: 'disclosure', demands: ['R12', 'R13', 'R14', 'R15'] },
      { id: 'labels', demands: ['R16', 'R17', 'R18'] },
      { id: 'branded', demands: ['R19', 'R20', 'R21'] },
      { id: 'preview', demands: ['R27'] },
      { id: 'untouched', demands: ['R28', 'R30'] },
      { id: 'declaration', demands: ['R22', 'R23', 'R24'] },
      { id: 'consent', demands: ['R25', 'R26'] },
    ],
  },
  {
    ...{ place: 'post', id: 'post', clicks: 2 },
    scopes: ['video.publish'],
    points: [
      { id: 'minutes', demands: ['R31'] },
      { id: 'state', demands: ['R32', 'R34'] },
    ],
  },
  {
    ...{ place: 'network', id: 'network', clicks: 2 },
    scopes: ['video.publish'],
    points: [{ id: 'visible', demands: ['R40'] }],
  },
];

/** Exactly what is asked for: a scope that is not leaves out its points, and a scene that would show nothing. */
export function scenes(t: Translate, facts: GoingLiveFacts): readonly FilmScene[] {
  const asked = scopesIn(facts);
  const values = { site: facts.siteName, url: facts.publicUrl };
  return shapes
    .filter((shape) => shape.scopes?.some((scope) => asked.has(scope)) ?? true)
    .map(({ place, id, clicks, points }) => ({
      place,
      title: t(`tiktok-review:scenes.${id}.title`),
      clicks: Array.from({ length: clicks }, (_, n) => t(`tiktok-review:scenes.${id}.click${n + 1}`, values)),
      points: points
        .filter(({ scope }) => scope === undefined || asked.has(scope))
        .map((point): FilmPoint => ({
          shows: point.shows ?? [],
          demands: point.demands ?? [],
          name: t(`tiktok-review:points.${point.id}.name`, values),
          say: t(`tiktok-review:points.${point.id}.say`, values),
        })),
    }));
}
