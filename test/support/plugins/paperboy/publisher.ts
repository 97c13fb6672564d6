import type { PluginHost, Publisher, Step } from '#plugin-api';

const longestLine = 500;

/** Two steps: promise that something will be printed, then print it. */
export function createPublisher(host: PluginHost): Publisher {
  const { clock, t } = host;
  return {
    check: ({ caption }) =>
      Promise.resolve(
        caption.length > longestLine
          ? [{ field: 'caption', message: t('paperboy:compose.long', { most: longestLine }) }]
          : [],
      ),
    advance: async (delivery, attempt): Promise<Step> => {
      const reference = `print-${delivery.id}-${attempt.n}`;
      if (attempt.pointOfNoReturnAt === null) {
        const at = clock.now();
        return { kind: 'continue', stage: 'publishing', progress: null, at, reference, pointOfNoReturn: true };
      }
      // Printing again under the same reference changes nothing: the answer to a lost answer is to ask once more.
      const print = { reference, channel_id: delivery.channel.id, line: delivery.caption, printed_at: clock.now() };
      await host.table('prints').insert(print).onConflict('reference').ignore();
      return { kind: 'published', remoteIds: [reference], url: `${host.settings.address('api')}/prints/${reference}` };
    },
  };
}
