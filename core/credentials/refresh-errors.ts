import { RemoteError, type Translate } from '#plugin-api';

/** What the host itself tells of an access; see `core/locales/en/credentials.json`. */
export function explained(
  t: Translate,
  { kind, code, who }: Pick<RemoteError, 'kind'> & Pick<RemoteError['explanation'], 'code' | 'who'>,
): RemoteError {
  const sentence = t(`credentials:${code}.sentence`);
  return new RemoteError({ kind, explanation: { sentence, who, nextStep: t(`credentials:${code}.nextStep`), code } });
}

export function reconnectNeeded(t: Translate): RemoteError {
  return explained(t, { kind: 'reconnect', code: 'reconnect_needed', who: 'team' });
}

/** The network renewed the access, and its answer never reached us. */
export function answerWasLost(t: Translate): RemoteError {
  return explained(t, { kind: 'reconnect', code: 'answer_lost', who: 'team' });
}

export function appIsGone(t: Translate): RemoteError {
  return explained(t, { kind: 'misconfigured', code: 'app_replaced', who: 'admin' });
}

/** Somebody is refreshing, or the network's answer is waited for. @param cause what it said, where it said anything */
export function stillRefreshing(t: Translate, retryAt: number, cause?: unknown): RemoteError {
  const { explanation } =
    cause instanceof RemoteError ? cause : explained(t, { kind: 'temporary', code: 'refresh_pending', who: 'network' });
  return new RemoteError({ kind: 'temporary', explanation, retryAt });
}
