import type { Channel } from '../../channels/channel-service.ts';
import type { Complaint } from '../../errors.ts';
import type { Media } from '../../media/media.ts';
import { sayWhyClosed, whyClosed } from '../../posts/channel-gate.ts';
import type { Member } from '../../posts/post-service.ts';
import type { ImportParts } from './import-parts.ts';
import { coreColumns, type RowFacts } from './import-row.ts';

/** The library is read a page at a time; names beyond so many files are not known. */
const filesAtOnce = 500;
const mostFiles = 20_000;

/** What the rows are read against: the team's files and channels, read once. */
export async function readFacts(parts: ImportParts, member: Member, head: readonly string[]): Promise<RowFacts> {
  const { plugins, clock, t, texts } = parts;
  const channels = await parts.channels.list(member.teamId);
  const closed = new Map<number, Complaint>();
  for (const channel of channels) {
    const reason = await whyClosed(plugins, channel);
    if (reason !== undefined) closed.set(channel.id, sayWhyClosed(t, reason, channel));
  }
  return {
    ...{ files: await filesByName(parts, member.teamId), channels: byName(channels), closed, plugins, head, t },
    ...{ zone: member.zone, now: clock.now() },
    ...(texts === undefined ? {} : { texts }),
  };
}

/** Every column that a file may have, the host's own first. */
export function knownColumns({ plugins }: Pick<ImportParts, 'plugins'>): readonly string[] {
  const ofNetworks = plugins.all().flatMap(({ parts }) => (parts.composer.columns ?? []).map(({ name }) => name));
  return [...new Set([...coreColumns, ...ofNetworks])];
}

async function filesByName({ media }: ImportParts, teamId: number): Promise<ReadonlyMap<string, readonly Media[]>> {
  const files = new Map<string, Media[]>();
  let before: number | null = null;
  for (let read = 0; read < mostFiles; read += filesAtOnce) {
    const page: Awaited<ReturnType<typeof media.page>> = await media.page(teamId, { before, limit: filesAtOnce });
    for (const file of page.items) {
      const name = file.fileName.toLowerCase();
      files.set(name, [...(files.get(name) ?? []), file]);
    }
    before = page.next;
    if (before === null) break;
  }
  return files;
}

/** @usernames go before nicknames: those are unique. */
function byName(channels: readonly Channel[]): ReadonlyMap<string, readonly Channel[]> {
  const found = new Map<string, readonly Channel[]>();
  for (const channel of channels) {
    const nickname = channel.nickname.toLowerCase();
    found.set(nickname, [...(found.get(nickname) ?? []), channel]);
  }
  for (const channel of channels) if (channel.username) found.set(channel.username.toLowerCase(), [channel]);
  return found;
}
