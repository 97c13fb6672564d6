import type { CheckVerdict, GoingLiveCheck, GoingLiveFacts, Translate } from '#plugin-api';
import { isLoopbackHost, parseUrl } from '../api/hosts.ts';
import { scopesIn, unusedScopes } from './review-texts.ts';

type Values = Readonly<Record<string, string | number>>;

const settingsPath = '/admin/api-integration/tiktok';

/** The very places where things are put right: ids of fields are those of the pages. */
const links = {
  mode: { label: 'settings', href: settingsPath },
  callback: { label: 'settings', href: `${settingsPath}#f-live-callbackUrl` },
  keys: { label: 'settings', href: `${settingsPath}#f-live-appId` },
  scopes: { label: 'settings', href: `${settingsPath}#c-live-scopes-user-info-basic` },
  state: { label: 'settings', href: `${settingsPath}#n-live-note-state` },
  audit: { label: 'settings', href: `${settingsPath}#n-live-note-audit` },
  trialKeys: { label: 'settings', href: `${settingsPath}#f-sandbox-appId` },
  trialScopes: { label: 'settings', href: `${settingsPath}#c-sandbox-scopes-user-info-basic` },
  connections: { label: 'connections', href: `${settingsPath}/connections` },
  privacy: { label: 'privacy', href: '/admin/site/legal/privacy' },
  terms: { label: 'terms', href: '/admin/site/legal/terms' },
  verification: { label: 'verification', href: '/admin/site/verification#add-h' },
  home: { label: 'home', href: '/' },
  words: { label: 'words', href: '/admin/site#f-home-title-en' },
} as const;

/** A check with two texts of its step: one for what is met, one for what is not. */
interface CheckShape {
  readonly id: string;
  readonly step: string;
  readonly met: string;
  readonly unmet: string;
  readonly isHint?: true;
  /** Where it is put right. */
  readonly at?: keyof typeof links;
  isMet(facts: GoingLiveFacts): boolean;
  values?(facts: GoingLiveFacts): Values;
}

const shapes: readonly CheckShape[] = [
  {
    ...{ id: 'words', step: 'use', met: 'wide', unmet: 'narrow', at: 'words', isHint: true },
    isMet: (facts) => narrowWords(facts).length === 0,
    values: (facts) => ({ words: narrowWords(facts).join('”, “') }),
  },
  {
    ...{ id: 'icon', step: 'icon', met: 'checked', unmet: 'unchecked' },
    isMet: ({ icon }) => icon !== undefined,
    values: ({ icon }) =>
      icon === undefined
        ? {}
        : { file: icon.fileName, width: icon.width, height: icon.height, size: Math.ceil(icon.bytes / 1000) },
  },
  {
    ...{ id: 'public', step: 'pages', met: 'public', unmet: 'notPublic' },
    isMet: ({ isPublic }) => isPublic,
    values: ({ publicUrl }) => ({ url: publicUrl }),
  },
  {
    ...{ id: 'privacy', step: 'pages', met: 'privacyWritten', unmet: 'privacyPlaceholder', at: 'privacy' },
    isMet: ({ pages }) => !pages.privacy.isPlaceholder,
  },
  {
    ...{ id: 'terms', step: 'pages', met: 'termsWritten', unmet: 'termsPlaceholder', at: 'terms' },
    isMet: ({ pages }) => !pages.terms.isPlaceholder,
  },
  {
    ...{ id: 'linked', step: 'pages', met: 'linked', unmet: 'notLinked', at: 'home' },
    isMet: ({ pages }) => pages.privacy.isLinked && pages.terms.isLinked,
  },
  {
    ...{ id: 'proof', step: 'domain', met: 'served', unmet: 'notServed', at: 'verification', isHint: true },
    isMet: (facts) => ownProofs(facts).length > 0,
    values: (facts) => ({ files: ownProofs(facts).join(', ') }),
  },
  {
    ...{ id: 'callback', step: 'products', met: 'callback', unmet: 'callbackBad', at: 'callback' },
    isMet: ({ reviewed }) => isPublicHttps(reviewed.callbackUrl),
    values: ({ reviewed }) => ({ url: reviewed.callbackUrl }),
  },
  {
    ...{ id: 'same', step: 'scopes', met: 'same', unmet: 'differ', at: 'trialScopes' },
    isMet: (facts) => differing(facts).length === 0,
    values: (facts) => ({ scopes: differing(facts).join(', ') }),
  },
  {
    ...{ id: 'used', step: 'scopes', met: 'used', unmet: 'unused', at: 'scopes' },
    isMet: (facts) => unusedScopes(facts).length === 0,
    values: (facts) => ({ scopes: unusedScopes(facts).join(', ') }),
  },
  {
    ...{ id: 'keys', step: 'trial', met: 'keys', unmet: 'noKeys', at: 'trialKeys' },
    isMet: ({ trial }) => trial.isComplete,
  },
  {
    ...{ id: 'connected', step: 'trial', met: 'connected', unmet: 'notConnected', at: 'mode' },
    isMet: ({ trial }) => trial.connected > 0,
    values: ({ trial }) => ({ count: trial.connected }),
  },
  {
    ...{ id: 'granted', step: 'trial', met: 'granted', unmet: 'notGranted', at: 'connections' },
    isMet: (facts) => notGranted(facts).length === 0,
    values: (facts) => ({ scopes: notGranted(facts).join(', ') }),
  },
  {
    ...{ id: 'published', step: 'trial', met: 'published', unmet: 'notPublished' },
    // Without the scope there is nothing to send.
    isMet: (facts) => facts.trial.hasPublished || !scopesIn(facts).has('video.publish'),
  },
  {
    ...{ id: 'approved', step: 'live', met: 'approved', unmet: 'notApproved', at: 'state' },
    isMet: ({ reviewed }) => reviewed.appState === 'live',
  },
  {
    ...{ id: 'keys', step: 'live', met: 'keys', unmet: 'noKeys', at: 'keys' },
    isMet: ({ reviewed }) => reviewed.isComplete,
  },
  {
    ...{ id: 'connected', step: 'live', met: 'connected', unmet: 'notConnected', at: 'mode' },
    isMet: ({ reviewed }) => reviewed.connected > 0,
    values: ({ reviewed }) => ({ count: reviewed.connected }),
  },
  {
    ...{ id: 'audited', step: 'audit', met: 'audited', unmet: 'notAudited', at: 'audit' },
    isMet: ({ reviewed }) => reviewed.isAudited === true,
  },
];

/** What this installation sees by itself of a step. */
export function checksOf(t: Translate, step: string): readonly GoingLiveCheck[] {
  const seen = shapes.filter((shape) => shape.step === step).map((shape) => checkOf(t, shape));
  return step === 'submit' ? [...seen, submitted(t)] : seen;
}

function checkOf(t: Translate, shape: CheckShape): GoingLiveCheck {
  return {
    id: shape.id,
    ...(shape.isHint === true ? { isHint: true } : {}),
    look: (facts) => {
      const isMet = shape.isMet(facts);
      const text = t(`tiktok-going-live:steps.${shape.step}.${isMet ? shape.met : shape.unmet}`, shape.values?.(facts));
      return { isMet, text, ...(isMet || shape.at === undefined ? {} : linkTo(t, shape.at)) };
    },
  };
}

/** Three ends: with TikTok, not yet, and refused. */
function submitted(t: Translate): GoingLiveCheck {
  return {
    id: 'submitted',
    look: ({ reviewed: { appState } }): CheckVerdict => {
      const isMet = appState === 'in-review' || appState === 'live';
      const at = 'tiktok-going-live:steps.submit';
      const state = isMet ? t(`tiktok-sets:state.states.${appState}`) : '';
      if (isMet) return { isMet, text: t(`${at}.submitted`, { state }) };
      if (appState !== 'not-approved') return { isMet, text: t(`${at}.draft`), ...linkTo(t, 'state') };
      return { isMet, text: t(`${at}.refused`), ...linkTo(t, 'state') };
    },
  };
}

function linkTo(t: Translate, place: keyof typeof links): Pick<CheckVerdict, 'link'> {
  const { label, href } = links[place];
  return { link: { label: t(`tiktok-going-live:link.${label}`), href } };
}

/**
 * developers.tiktok.com/doc/content-sharing-guidelines: an app is for a wide audience, and a tool for oneself or one's own
 * team is refused. Words by which a reviewer may know one; they only hint.
 */
const narrow =
  /\b(?:internal(?:ly)?|in-house|private (?:tool|use|app)|personal use|staff only|employees|invitation only|(?:my|our) own (?:team|accounts|channels))\b|เครื่องมือภายใน|ใช้ภายใน|เครื่องมือส่วนตัว|ใช้ส่วนตัว|เฉพาะพนักงาน|เฉพาะทีมของเรา/giu;

function narrowWords({ homeWords }: GoingLiveFacts): readonly string[] {
  return [...new Set(homeWords.flatMap((words) => words.match(narrow) ?? []))];
}

/** developers.tiktok.com/doc/login-kit-web: https only, no loopback host for the platform Web. */
function isPublicHttps(url: string): boolean {
  const parsed = parseUrl(url);
  return parsed?.protocol === 'https:' && !isLoopbackHost(parsed.hostname);
}

/** Files of other networks may be served as well: TikTok's begin with its name. */
function ownProofs({ proofs }: GoingLiveFacts): readonly string[] {
  return proofs.filter((place) => /(?:^|\/)tiktok[^/]*$/iu.test(place));
}

function differing({ reviewed, trial }: GoingLiveFacts): readonly string[] {
  const [one, other] = [reviewed.choices('scopes'), trial.choices('scopes')];
  return [...new Set([...one, ...other])].filter((scope) => one.includes(scope) !== other.includes(scope));
}

function notGranted(facts: GoingLiveFacts): readonly string[] {
  return facts.reviewed.choices('scopes').filter((scope) => !facts.trial.granted.includes(scope));
}
