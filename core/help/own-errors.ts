import type { ErrorBookEntry, ErrorBookSection, Translate, WhoCanFix } from '#plugin-api';

interface OwnCode {
  /** Where it comes up: the key of its name. */
  readonly place: 'posting' | 'connecting' | 'access' | 'pages';
  /** The sentence that people read there. */
  readonly told: string;
  readonly who: WhoCanFix;
  readonly retry: keyof typeof isTriedByItself;
  /** Steps by key, in order. */
  readonly you: readonly string[];
  readonly admin?: readonly string[];
}

const isTriedByItself = { no: false, person: false, login: false, held: true, itself: true, tried: false } as const;

/** Every code that the installation itself shows, whatever the network. */
export const ownCodes: Readonly<Record<string, OwnCode>> = {
  software_error: {
    place: 'posting',
    told: 'deliveries:reason.software_error.sentence',
    who: 'software',
    retry: 'tried',
    you: ['retry', 'tellNumber'],
    admin: ['readLog', 'report'],
  },
  status_unresolved: {
    place: 'posting',
    told: 'deliveries:reason.status_unresolved.sentence',
    who: 'team',
    retry: 'person',
    you: ['look', 'say'],
  },
  missed_window: {
    place: 'posting',
    told: 'deliveries:reason.missed_window.sentence',
    who: 'team',
    retry: 'no',
    you: ['decide', 'newTime'],
    admin: ['grace'],
  },
  not_approved: {
    place: 'posting',
    told: 'deliveries:reason.not_approved.sentence',
    who: 'team',
    retry: 'no',
    you: ['approve'],
  },
  poison: {
    place: 'posting',
    told: 'deliveries:reason.poison.sentence',
    who: 'software',
    retry: 'no',
    you: ['exportAgain', 'tellNumber'],
    admin: ['readLog', 'report'],
  },
  channel_disconnected: {
    place: 'posting',
    told: 'deliveries:reason.channel_disconnected.sentence',
    who: 'team',
    retry: 'no',
    you: ['connectChannel'],
  },
  too_many_attempts: {
    place: 'posting',
    told: 'deliveries:reason.too_many_attempts.sentence',
    who: 'admin',
    retry: 'no',
    you: ['askAdmin'],
    admin: ['readLog', 'report'],
  },
  account_switched: {
    place: 'posting',
    told: 'deliveries:reason.account_switched.sentence',
    who: 'team',
    retry: 'person',
    you: ['look', 'say'],
  },
  unreadable: {
    place: 'posting',
    told: 'deliveries:reason.unreadable.sentence',
    who: 'admin',
    retry: 'no',
    you: ['askAdmin'],
    admin: ['readLog', 'keyFile'],
  },
  no_public_link: {
    place: 'posting',
    told: 'errors:own.told.no_public_link',
    who: 'network',
    retry: 'no',
    you: ['findLink'],
  },
  dropped: { place: 'posting', told: 'errors:own.told.dropped', who: 'team', retry: 'no', you: ['look'] },
  network_disabled: {
    place: 'connecting',
    told: 'channels:failed.network_disabled.sentence',
    who: 'admin',
    retry: 'login',
    you: ['askAdmin'],
    admin: ['enable'],
  },
  settings_incomplete: {
    place: 'connecting',
    told: 'channels:failed.settings_incomplete.sentence',
    who: 'admin',
    retry: 'login',
    you: ['askAdmin'],
    admin: ['complete'],
  },
  repeated_parameter: {
    place: 'connecting',
    told: 'channels:failed.repeated_parameter.sentence',
    who: 'you',
    retry: 'login',
    you: ['startAgain'],
    admin: ['proxy'],
  },
  signed_out: {
    place: 'connecting',
    told: 'channels:failed.signed_out.sentence',
    who: 'you',
    retry: 'login',
    you: ['signInFirst', 'startAgain'],
  },
  state_missing: {
    place: 'connecting',
    told: 'channels:failed.state_missing.sentence',
    who: 'you',
    retry: 'login',
    you: ['startAgain'],
  },
  state_unknown: {
    place: 'connecting',
    told: 'channels:failed.state_unknown.sentence',
    who: 'you',
    retry: 'login',
    you: ['lookAtList', 'startAgain'],
  },
  state_old: {
    place: 'connecting',
    told: 'channels:failed.state_old.sentence',
    who: 'you',
    retry: 'login',
    you: ['startAgain'],
  },
  not_allowed: {
    place: 'connecting',
    told: 'channels:failed.not_allowed.sentence',
    who: 'team',
    retry: 'login',
    you: ['askManager'],
  },
  no_code: {
    place: 'connecting',
    told: 'channels:failed.no_code.sentence',
    who: 'you',
    retry: 'login',
    you: ['startAgain'],
  },
  mode_changed: {
    place: 'connecting',
    told: 'channels:failed.mode_changed.sentence',
    who: 'you',
    retry: 'login',
    you: ['startAgain'],
  },
  other_account: {
    place: 'connecting',
    told: 'errors:own.told.other_account',
    who: 'you',
    retry: 'login',
    you: ['rightAccount', 'asNew'],
  },
  already_connected: {
    place: 'connecting',
    told: 'errors:own.told.already_connected',
    who: 'you',
    retry: 'login',
    you: ['useOther'],
  },
  channel_gone: {
    place: 'connecting',
    told: 'channels:failed.channel_gone.sentence',
    who: 'you',
    retry: 'login',
    you: ['asNew'],
  },
  popup_blocked: {
    place: 'connecting',
    told: 'channels:add.blocked',
    who: 'you',
    retry: 'login',
    you: ['allowPopups', 'sameWindow'],
  },
  reconnect_needed: {
    place: 'access',
    told: 'credentials:reconnect_needed.sentence',
    who: 'team',
    retry: 'held',
    you: ['reconnect', 'sameAccount'],
  },
  answer_lost: {
    place: 'access',
    told: 'credentials:answer_lost.sentence',
    who: 'team',
    retry: 'held',
    you: ['reconnect', 'sameAccount'],
    admin: ['oneWorker'],
  },
  app_replaced: {
    place: 'access',
    told: 'credentials:app_replaced.sentence',
    who: 'admin',
    retry: 'held',
    you: ['reconnect'],
    admin: ['putBack'],
  },
  refresh_pending: {
    place: 'access',
    told: 'credentials:refresh_pending.sentence',
    who: 'network',
    retry: 'itself',
    you: ['nothing'],
  },
  token_unreadable: {
    place: 'access',
    told: 'credentials:token_unreadable.sentence',
    who: 'software',
    retry: 'itself',
    you: ['askAdmin'],
    admin: ['keyFile', 'readLog'],
  },
  no_answer_in_time: { place: 'pages', told: 'limits:tooLong.sentence', who: 'network', retry: 'no', you: ['minute'] },
  stale_form: { place: 'pages', told: 'frame:refused.stale_form.what', who: 'you', retry: 'no', you: ['reload'] },
  foreign_origin: {
    place: 'pages',
    told: 'frame:refused.foreign_origin.what',
    who: 'admin',
    retry: 'no',
    you: ['reload'],
    admin: ['proxy'],
  },
  admin_only: { place: 'pages', told: 'frame:refused.admin_only.what', who: 'admin', retry: 'no', you: ['askAdmin'] },
  role_too_small: {
    place: 'pages',
    told: 'frame:refused.role_too_small.what',
    who: 'team',
    retry: 'no',
    you: ['role'],
  },
  owners_only: { place: 'pages', told: 'teams:members.ownersOnly', who: 'team', retry: 'no', you: ['askManager'] },
  already_publishing: { place: 'pages', told: 'deliveries:conflict.edit', who: 'you', retry: 'no', you: ['waitEnd'] },
  already_decided: {
    place: 'pages',
    told: 'errors:own.told.already_decided',
    who: 'you',
    retry: 'no',
    you: ['howItStands'],
  },
  not_waiting: {
    place: 'pages',
    told: 'deliveries:conflict.approvalGone',
    who: 'you',
    retry: 'no',
    you: ['howItStands'],
  },
  changed_meanwhile: { place: 'pages', told: 'posts:changed.sentence', who: 'you', retry: 'no', you: ['saveMine'] },
  form_used: { place: 'pages', told: 'posts:formUsed.sentence', who: 'you', retry: 'no', you: ['openMade'] },
};

/** The installation's own part of the error book. */
export function ownErrors(t: Translate): readonly ErrorBookEntry[] {
  return Object.entries(ownCodes).map(([code, own]) => ({ code, phrases: [], sections: [sectionOf(t, code, own)] }));
}

function sectionOf(t: Translate, code: string, own: OwnCode): ErrorBookSection {
  const { place, told, who, retry, you, admin = [] } = own;
  const steps = (keys: readonly string[]) => keys.map((key) => t(`errors:own.step.${key}`));
  return {
    place,
    where: t(`errors:own.where.${place}`),
    told: t(told, { network: t('errors:theNetwork') }),
    about: t(`errors:own.about.${code}`),
    who,
    retry: { isByItself: isTriedByItself[retry], text: t(`errors:own.retry.${retry}`) },
    you: steps(you),
    admin: steps(admin),
  };
}
