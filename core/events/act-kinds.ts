/**
 * What people did and others want to look up, by what it was about. Every kind has its words in the texts
 * `activity:kind`; to record a new one, add it here and there.
 */
export const actKinds = {
  settings: [
    'settings.saved',
    'settings.app-noted',
    'settings.confirmed',
    'settings.confirmation-removed',
    'settings.confirmation-withdrawn',
    'team.settings-changed',
    'channel.slots-changed',
    'going-live.step-done',
    'going-live.step-taken-back',
    'going-live.icon-checked',
  ],
  credentials: ['settings.secret-replaced', 'settings.secret-removed', 'keys.rotated', 'keys.retired'],
  channels: [
    'channel.connected',
    'channel.reconnected',
    'channel.reconnect-needed',
    'channel.paused',
    'channel.resumed',
    'channel.disconnected',
    'channel.access-renewed',
    'channel.link-made',
  ],
  people: [
    'team.added',
    'team.deleted',
    'member.invited',
    'member.invited-again',
    'member.invitation-withdrawn',
    'member.joined',
    'member.added',
    'member.role-changed',
    'member.removed',
    'user.added',
    'user.disabled',
    'user.enabled',
    'user.link-made',
  ],
  signIns: [
    'user.signed-in',
    'user.sign-in-failed',
    'user.signed-out',
    'user.sessions-ended',
    'user.password-changed',
    'user.email-changed',
    'user.factor-added',
    'user.factor-removed',
    'user.factor-reset',
    'user.recovery-codes-made',
  ],
  approvals: ['post.approved', 'post.sent-back', 'post.deleted'],
  site: ['site.changed', 'site.logo-changed', 'site.file-saved', 'site.file-removed', 'site.legal-saved'],
  jobs: ['job.retried', 'job.discarded'],
  exports: ['activity.exported'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ActGroup = keyof typeof actKinds;

const known: ReadonlySet<string> = new Set(Object.values(actKinds).flat());

/** Whether the audit and the team's activity list it; steps of deliveries and the like stand elsewhere. */
export function isAct(kind: string): boolean {
  return known.has(kind);
}
