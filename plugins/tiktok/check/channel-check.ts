import type {
  AccessFacts,
  ChannelCheck,
  ChannelView,
  CheckedChannel,
  CheckRow,
  CheckState,
  CredentialSet,
  PluginHost,
  Translate,
} from '#plugin-api';
import { type AskedCall, askEverything, type AskParts, checkedScopes } from './ask.ts';
import { type CallAnswer, type CheckFacts, conclude, type Conclusion, lockOf } from './conclude.ts';

interface CheckDeps extends AskParts {
  readonly host: Pick<PluginHost, 'settings' | 'channels' | 'clock' | 't'>;
}

/** So long before a grant ends for good people are told to renew it. */
const endingMs = 14 * 86_400_000;

/** Codes that speak of permissions, TikTok's and those of common guides. */
const explains = [
  'scope_not_authorized',
  'scope_permission_missed',
  'scope_refused',
  'scope_not_granted',
  'insufficient_permissions',
  'app_not_approved',
  'App not approved',
  'Sandbox mode',
  'list_not_allowed',
];

/** Looks at both locks of every scope: what the token lists, and what TikTok lets it do. */
export function createChannelCheck(deps: CheckDeps): ChannelCheck {
  return { explains, run: (channel, access) => run(deps, channel, access) };
}

async function run(deps: CheckDeps, channel: ChannelView, access: AccessFacts): Promise<CheckedChannel> {
  const { settings, channels, clock, t } = deps.host;
  const set = await settings.findByAppKey(channel.appKey);
  const mayAsk = set !== undefined && !access.isLost;
  const calls = mayAsk ? await askEverything(deps, await channels.access(channel.id)) : [];
  const facts = factsOf({ channel, set, access, calls, now: clock.now() });
  return {
    conclusion: tell(conclude(facts), calls, t),
    app: appOf(channel, set, t),
    permissions: permissionsOf(facts, t),
    calls: calls.map((call) => rowOf(call, facts, t)),
  };
}

/** Where no call decided. */
const ownCodes: ReadonlyMap<string, string> = new Map([
  ['app-gone', 'app_replaced'],
  ['lost', 'reconnect_needed'],
  ['not-asked', 'scope_not_asked'],
]);

interface Looked {
  readonly channel: ChannelView;
  readonly set: CredentialSet | undefined;
  readonly access: AccessFacts;
  readonly calls: readonly AskedCall[];
  readonly now: number;
}

function factsOf({ channel, set, access, calls, now }: Looked): CheckFacts {
  return {
    app:
      set === undefined
        ? undefined
        : { isSandbox: set.id === 'sandbox', state: set.appState, isAudited: set.isAudited },
    isLost: access.isLost,
    isEnding: access.refreshExpiresAt - now < endingMs,
    asked: set?.choices('scopes') ?? [],
    granted: channel.scopes,
    answers: new Map(calls.map(({ scope, answer }) => [scope, answer])),
  };
}

function tell(conclusion: Conclusion, calls: readonly AskedCall[], t: Translate): CheckedChannel['conclusion'] {
  const { kind, state, scopes, notGranted, decidedBy } = conclusion;
  const by = calls.find(({ scope }) => scope === decidedBy);
  const told = by?.explanation;
  const values = { scopes: scopes.join(', '), notGranted: notGranted.join(', '), sentence: told?.sentence ?? '' };
  const also = notGranted.length > 0 ? ` ${t('tiktok-check:conclusion.alsoNotGranted', values)}` : '';
  const isTold = told !== undefined && (kind === 'blocked' || kind === 'refused');
  return {
    state,
    who: isTold ? told.who : conclusion.who,
    sentence: t(`tiktok-check:conclusion.${sentenceOf(conclusion)}`, values),
    nextStep: isTold ? told.nextStep : `${t(`tiktok-check:conclusion.${kind}.next`, values)}${also}`,
    code: by?.answer.code ?? ownCodes.get(kind) ?? 'ok',
    ...(by?.logId === undefined ? {} : { logId: by.logId }),
    ...(told === undefined ? {} : { place: 'api' }),
  };
}

/** The app's lock is told in one sentence, whatever its state: that changes only what an admin does. */
function sentenceOf({ kind, scopes }: Conclusion): string {
  if (!kind.startsWith('app-') || kind === 'app-gone') return `${kind}.sentence`;
  return scopes[0] === 'video.publish' ? 'app.publishing' : 'app.sentence';
}

/** Sandbox or Live, its key's beginning, and what is noted of it. */
function appOf(channel: ChannelView, set: CredentialSet | undefined, t: Translate): string {
  const key = `${channel.appKey.slice(0, 6)}…`;
  const which = t(`tiktok:settings.sets.${channel.mode === 'sandbox' ? 'sandbox' : 'live'}.label`);
  if (set === undefined) return t('tiktok-check:app.gone', { which, key });
  if (set.id === 'sandbox') return t('tiktok-check:app.sandbox', { which, key });
  const state =
    set.appState === undefined ? t('tiktok-check:app.notNoted') : t(`tiktok-sets:state.states.${set.appState}`);
  const audit = set.isAudited === undefined ? 'unknown' : set.isAudited ? 'audited' : 'unaudited';
  return t('tiktok-check:app.live', { which, key, state, audit: t(`tiktok-check:app.${audit}`) });
}

const stateOfLock = {
  open: 'ok',
  app: 'failed',
  person: 'failed',
  'not-asked': 'unknown',
  unknown: 'unknown',
} as const satisfies Record<string, CheckState>;

const stateOfCall = {
  ok: 'ok',
  'no-scope': 'failed',
  'not-approved': 'failed',
  dead: 'failed',
  refused: 'failed',
  blocked: 'warning',
  later: 'unknown',
} as const satisfies Record<CallAnswer['is'], CheckState>;

function permissionsOf(facts: CheckFacts, t: Translate): readonly CheckRow[] {
  const all = [...checkedScopes, 'video.upload'];
  const shown = all.filter((scope) => scope !== 'video.upload' || facts.granted.includes(scope));
  return shown.map((scope) => {
    const lock = lockOf(facts, scope);
    const word = lock === 'unknown' ? (facts.granted.includes(scope) ? 'granted' : 'person') : lock;
    const need = t(`tiktok:settings.scopes.${scope.replaceAll('.', '_')}`);
    const text = t('tiktok-check:permission.text', { state: t(`tiktok-check:permission.${word}`), need });
    return { id: scope, state: stateOfLock[lock], title: scope, text };
  });
}

function rowOf(
  { scope, call, answer, explanation, detail, logId }: AskedCall,
  facts: CheckFacts,
  t: Translate,
): CheckRow {
  const word = answer.is === 'ok' ? 'ok' : lockOf(facts, scope) === 'app' ? 'app' : undefined;
  return {
    id: `${call} ${scope}`,
    state: stateOfCall[answer.is],
    title: t('tiktok-check:call.title', { call, scope }),
    text: word === undefined ? (explanation?.sentence ?? '') : t(`tiktok-check:call.${word}`),
    ...(answer.code === undefined ? {} : { code: answer.code }),
    ...(detail === undefined ? {} : { detail }),
    ...(logId === undefined ? {} : { logId }),
  };
}
