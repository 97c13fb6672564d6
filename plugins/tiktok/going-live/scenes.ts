import type { FilmPoint, FilmScene, GoingLiveFacts, ScenePlace, Translate } from '#plugin-api';
import { scopesIn } from './review-texts.ts';

/** By the numbers of TikTok's sharing guidelines as the audit checks them: developers.tiktok.com/doc/content-sharing-guidelines */
interface PointShape {
  readonly id: string;
  readonly shows: readonly string[];
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
 * audit walks through the whole composer. `shows` counts the guideline's points R1 to R34, R38 and R40.
 */
const shapes: readonly SceneShape[] = [
  {
    ...{ place: 'home', id: 'home', clicks: 3 },
    points: [
      { id: 'purpose', shows: ['R38'] },
      { id: 'policies', shows: ['website'] },
    ],
  },
  { ...{ place: 'sign-in', id: 'signIn', clicks: 2 }, points: [{ id: 'account', shows: ['website'] }] },
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
      { id: 'creatorInfo', shows: ['video.publish', 'Content Posting API', 'R1'] },
      { id: 'nickname', shows: ['R2'] },
      { id: 'blocked', shows: ['R3'] },
      { id: 'length', shows: ['R4'] },
      { id: 'caption', shows: ['R5', 'R29'] },
      { id: 'privacy', shows: ['R6', 'R7'] },
      { id: 'interactions', shows: ['R8', 'R9', 'R10'] },
      { id: 'photos', shows: ['R11'] },
      { id: 'disclosure', shows: ['R12', 'R13', 'R14', 'R15'] },
      { id: 'labels', shows: ['R16', 'R17', 'R18'] },
      { id: 'branded', shows: ['R19', 'R20', 'R21'] },
      { id: 'preview', shows: ['R27'] },
      { id: 'untouched', shows: ['R28', 'R30'] },
      { id: 'declaration', shows: ['R22', 'R23', 'R24'] },
      { id: 'consent', shows: ['R25', 'R26'] },
    ],
  },
  {
    ...{ place: 'post', id: 'post', clicks: 2 },
    scopes: ['video.publish'],
    points: [
      { id: 'minutes', shows: ['R31'] },
      { id: 'state', shows: ['R32', 'R34'] },
    ],
  },
  {
    ...{ place: 'network', id: 'network', clicks: 2 },
    scopes: ['video.publish'],
    points: [{ id: 'visible', shows: ['R40'] }],
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
          shows: point.shows,
          name: t(`tiktok-review:points.${point.id}.name`, values),
          say: t(`tiktok-review:points.${point.id}.say`, values),
        })),
    }));
}
