import type { AppState, WhoCanFix } from '#plugin-api';

/** What a call that needs a scope came to. `code` is TikTok's own, or ours where TikTok gave none. */
export interface CallAnswer {
  readonly is:
    | 'ok'
    /** The scope is missing, for whatever reason. */
    | 'no-scope'
    /** TikTok says that the app is not approved. */
    | 'not-approved'
    /** The access is refused, also after it was renewed. */
    | 'dead'
    /** The profile can post nothing for now. */
    | 'blocked'
    | 'refused'
    /** Nothing was told: no answer, no room, or not asked. */
    | 'later';
  readonly code?: string;
}

/** The app of the channel; undefined where an admin has taken it out of the settings. */
interface CheckedApp {
  readonly isSandbox: boolean;
  /** As an admin has noted it. */
  readonly state: AppState | undefined;
  readonly isAudited: boolean | undefined;
}

export interface CheckFacts {
  readonly app: CheckedApp | undefined;
  readonly isLost: boolean;
  /** The time in which the access can still be renewed is nearly over. */
  readonly isEnding: boolean;
  /** Scopes of the app's settings. */
  readonly asked: readonly string[];
  /** Scopes that the token lists. */
  readonly granted: readonly string[];
  /** By the scope that the call needs. */
  readonly answers: ReadonlyMap<string, CallAnswer>;
}

/**
 * Two locks must both be open, the app's approval and the person's grant (developers.tiktok.com/doc/tiktok-api-scopes).
 * not-asked = neither: our settings do not ask for the scope.
 */
export type Lock = 'open' | 'app' | 'person' | 'not-asked' | 'unknown';

export interface Conclusion {
  readonly kind: ConclusionKind;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly who: WhoCanFix;
  /** Which scopes it is about. */
  readonly scopes: readonly string[];
  /** Scopes that are also missing, for the other reason. */
  readonly notGranted: readonly string[];
  /** The call whose answer decided; undefined where none did. */
  readonly decidedBy?: string;
}

const kinds = {
  'app-gone': { state: 'failed', who: 'team' },
  lost: { state: 'failed', who: 'team' },
  dead: { state: 'failed', who: 'team' },
  silent: { state: 'warning', who: 'network' },
  'app-sandbox': { state: 'failed', who: 'admin' },
  'app-draft': { state: 'failed', who: 'admin' },
  'app-in-review': { state: 'failed', who: 'network' },
  'app-not-approved': { state: 'failed', who: 'admin' },
  'app-live': { state: 'failed', who: 'admin' },
  'app-not-noted': { state: 'failed', who: 'admin' },
  person: { state: 'failed', who: 'team' },
  'not-asked': { state: 'failed', who: 'admin' },
  blocked: { state: 'warning', who: 'network' },
  refused: { state: 'failed', who: 'network' },
  later: { state: 'warning', who: 'network' },
  ending: { state: 'warning', who: 'team' },
  'works-sandbox': { state: 'ok', who: 'you' },
  'works-unaudited': { state: 'ok', who: 'you' },
  works: { state: 'ok', who: 'you' },
} as const satisfies Readonly<Record<string, Pick<Conclusion, 'state' | 'who'>>>;

type ConclusionKind = keyof typeof kinds;

export const conclusionKinds: readonly string[] = Object.keys(kinds);

/** What posting needs above all. */
const publishing = 'video.publish';

/** The one sentence a check comes to, by what stands in the way first. */
export function conclude(facts: CheckFacts): Conclusion {
  const { app, isLost } = facts;
  if (app === undefined) return said('app-gone');
  if (isLost) return said('lost');
  const dead = scopesWhere(facts, 'dead')[0];
  if (dead !== undefined) return { ...said('dead'), decidedBy: dead };
  const inApp = behind(facts, 'app');
  const byPerson = behind(facts, 'person');
  const state = [...inApp, ...byPerson].includes(publishing) ? 'failed' : 'warning';
  if (inApp.length > 0) return { ...said(kindOfApp(app), inApp), state, notGranted: byPerson, ...decided(inApp) };
  if (byPerson.length > 0) return { ...said('person', byPerson), state, ...decided(byPerson) };
  if (lockOf(facts, publishing) === 'not-asked') return said('not-asked', [publishing]);
  return withOpenLocks(facts, app);
}

/** Which of the locks keeps a scope shut; what TikTok answers counts more than what the token lists. */
export function lockOf({ asked, granted, answers }: CheckFacts, scope: string): Lock {
  const answer = answers.get(scope)?.is;
  const isGranted = granted.includes(scope);
  if (answer === 'ok' || answer === 'blocked') return 'open';
  if (answer === 'not-approved') return 'app';
  if (isGranted) return answer === 'no-scope' ? 'app' : 'unknown';
  return asked.includes(scope) ? 'person' : 'not-asked';
}

function withOpenLocks(facts: CheckFacts, app: CheckedApp): Conclusion {
  for (const kind of ['blocked', 'refused'] as const) {
    const [scope] = scopesWhere(facts, kind);
    if (scope !== undefined) return { ...said(kind, [scope]), decidedBy: scope };
  }
  const later = scopesWhere(facts, 'later');
  if (later.length > 0) {
    const kind = later.length === facts.answers.size ? 'silent' : 'later';
    return { ...said(kind, later), ...decided(later) };
  }
  if (facts.isEnding) return said('ending');
  if (app.isSandbox) return said('works-sandbox');
  return said(app.isAudited === false ? 'works-unaudited' : 'works');
}

function kindOfApp({ isSandbox, state }: CheckedApp): ConclusionKind {
  return isSandbox ? 'app-sandbox' : `app-${state ?? 'not-noted'}`;
}

function said(kind: ConclusionKind, scopes: readonly string[] = []): Conclusion {
  return { kind, ...kinds[kind], scopes, notGranted: [] };
}

function decided([first]: readonly string[]): { readonly decidedBy?: string } {
  return first === undefined ? {} : { decidedBy: first };
}

/** Publishing comes first: it is what the channel is for. */
function behind(facts: CheckFacts, lock: Lock): readonly string[] {
  const scopes = [...facts.answers.keys()].filter((scope) => lockOf(facts, scope) === lock);
  return scopes.sort((one, other) => Number(other === publishing) - Number(one === publishing));
}

function scopesWhere({ answers }: CheckFacts, is: CallAnswer['is']): readonly string[] {
  return [...answers].filter(([, answer]) => answer.is === is).map(([scope]) => scope);
}
