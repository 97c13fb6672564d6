import type { ConnectionTest, ConnectionTestResult, Translate } from '#plugin-api';
import { pageTimeoutMs } from './api/client.ts';
import type { TikTokClient } from './api/client.ts';
import type { ErrorBook } from './errors.ts';

/**
 * Asks the token endpoint with the client-credentials grant: it needs no person and succeeds exactly when App ID and
 * App Secret belong together (developers.tiktok.com/doc/client-access-token-management).
 */
export function createConnectionTest(client: TikTokClient, errors: ErrorBook, t: Translate): ConnectionTest {
  return {
    async run(values): Promise<ConnectionTestResult> {
      const secret = values.text('appSecret');
      if (values.appKey === '' || secret === '') return { ok: false, sentence: t('tiktok:connectionTest.incomplete') };
      const reply = await client.clientCredentials({ key: values.appKey, secret }, { timeoutMs: pageTimeoutMs });
      if (reply.ok) {
        return {
          ok: true,
          sentence: t('tiktok:connectionTest.ok'),
          nextStep: t('tiktok:connectionTest.okNext'),
          code: 'ok',
          ...(reply.logId === undefined ? {} : { logId: reply.logId }),
        };
      }
      const { sentence, nextStep, code, logId } = errors.explain(reply);
      return { ok: false, sentence, nextStep, code, ...(logId === undefined ? {} : { logId }) };
    },
  };
}
