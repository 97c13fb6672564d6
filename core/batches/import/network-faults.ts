import { RemoteError } from '#plugin-api';
import type { Channel } from '../../channels/channel-service.ts';
import { askOnce } from '../../posts/draft-checkers.ts';
import type { ImportParts } from './import-parts.ts';
import { columnOf, type ImportRow, type RowFault } from './import-row.ts';

export interface NetworkFaults {
  of(row: ImportRow): Promise<readonly RowFault[]>;
  /** Channels whose network did not answer, by nickname, with its code: what it allows is checked again before anything is scheduled. */
  readonly unasked: ReadonlyMap<string, string>;
}

/** What each account refuses of the rows, asked once for each channel. */
export function networkFaults(parts: ImportParts): NetworkFaults {
  const checkerOf = askOnce(parts);
  const unasked = new Map<string, string>();
  const ofChannel = async (row: ImportRow, channel: Channel): Promise<readonly RowFault[]> => {
    const { composer } = parts.plugins.get(channel.plugin).parts;
    const typed = row.typed.get(channel.id) ?? {};
    const parsed = composer.parse(typed);
    if (row.media.length === 0 || !('options' in parsed)) return [];
    try {
      const check = await checkerOf(channel);
      const problems = await check({
        ...{ channel: await parts.channels.view(channel), caption: row.caption, cover: row.cover },
        ...{ media: row.media.map((file) => parts.media.view(file)), options: parsed.options },
      });
      return problems.flatMap(({ field, message, code }): readonly RowFault[] => {
        const column = columnOf(composer, field);
        // Still to be chosen, by a person who sees it.
        if (column?.isChoice === true && typed[field] === undefined) return [];
        const said = { column: nameOf(field, column?.name), message: `${channel.nickname}: ${message}` };
        return [code === undefined ? said : { ...said, code }];
      });
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      unasked.set(channel.nickname, error.explanation.code);
      return [];
    }
  };
  return {
    unasked,
    async of(row) {
      const faults: RowFault[] = [];
      for (const channel of row.channels) faults.push(...(await ofChannel(row, channel)));
      return faults;
    },
  };
}

function nameOf(field: string, column: string | undefined): string {
  const own: Readonly<Record<string, string>> = { media: 'file', caption: 'caption', channel: 'channels' };
  return column ?? own[field] ?? '';
}
