import type { NewNotification } from '../notifications/notification.ts';
import { ownTitleOf } from '../posts/post-title.ts';
import type { LedgerWork } from './readable-work-store.ts';
import type { Verdict } from './verdict.ts';

/** What the team is told where the network refuses an access that is good in our books: nobody else has told it. */
export function refusedAccess({ hold, teamId, plugin, view }: LedgerWork, verdict: Verdict) {
  const { id, nickname, state } = view.channel;
  if (verdict.delivery.hold !== 'reconnect' || hold === 'reconnect' || state === 'reconnect-needed') return undefined;
  const facts = { channel: nickname, plugin, because: 'refused' } as const;
  return { kind: 'reconnect-needed', teamId, subjectId: id, facts } as const satisfies NewNotification;
}

/** What the team is told of a delivery that ends with this verdict. Undefined where nobody need do anything. */
export function badEnding(work: LedgerWork, { delivery }: Verdict): NewNotification | undefined {
  const { state, outcome } = delivery;
  if ((state !== 'failed' && state !== 'needs-attention') || state === work.state) return undefined;
  if (outcome === undefined || outcome === null) return undefined;
  const { sentence, who, nextStep, code, mayBePosted } = outcome;
  const { id, teamId, postId, plugin, view } = work;
  const kind = `delivery-${state}` as const;
  const post = ownTitleOf(view) ?? '';
  const facts = { postId, post, channel: view.channel.nickname, plugin, sentence, who, nextStep, code, mayBePosted };
  return { kind, teamId, subjectId: id, facts };
}
