import type { Route } from '../web/route.ts';
import type { WebhookService } from './webhook-service.ts';

/** Where a network tells us something. What it says is only a hint; the answer says no more than whether it was taken. */
export function webhookRoutes({ webhooks }: { readonly webhooks: WebhookService }): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/webhooks/:plugin',
      permission: 'public',
      body: 'raw',
      // A signature over the raw body stands for the form token: the sender is no browser.
      csrf: false,
      handle: async ({ req, res, params, raw }) => {
        const { kind } = await webhooks.receive(params['plugin'] ?? '', {
          headers: headersOf(req.headersDistinct),
          body: raw,
        });
        const status = { taken: 200, repeated: 200, refused: 400, unknown: 404 }[kind];
        res
          .status(status)
          .set('Cache-Control', 'no-store')
          .json({ received: status === 200 });
      },
    },
  ];
}

/** A header sent twice stays twice: which of two signatures counts is the plugin's to refuse, not Node's to choose. */
function headersOf(distinct: NodeJS.Dict<string[]>): Readonly<Record<string, string | readonly string[]>> {
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, values = []] of Object.entries(distinct)) {
    headers[name] = values.length > 1 ? values : (values[0] ?? '');
  }
  return headers;
}
