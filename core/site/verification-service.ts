import type { Clock, Translate } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { InputError, NotFoundError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { type FilePlace, placeOf } from './file-place.ts';
import { type AddressFetch, fetchAsStranger } from './fetch-as-stranger.ts';
import { type TxtLookup, lookUpTxt } from './look-up-txt.ts';
import { checkAnswer } from './verification-answer.ts';
import type { VerificationChecks, VerificationFile } from './verification.ts';
import { type StoredFile, VerificationStore } from './verification-store.ts';

interface VerificationDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly t: Translate;
  readonly events: EventLog;
  readonly registry: Pick<PluginRegistry, 'all'>;
  readonly config: { readonly publicUrl: string };
  /** Instead of the network and the DNS, in tests. */
  readonly fetchAddress?: AddressFetch;
  readonly lookUpTxt?: TxtLookup;
}

/** A file as it was pasted or uploaded. */
interface TypedFile {
  readonly prefix: string;
  readonly name: string;
  readonly bytes: Buffer;
  readonly by: number;
  /** Whether a page of the panel answers at a path, or may. */
  readonly isTaken: (path: string) => Promise<boolean>;
}

export interface VerificationService extends VerificationChecks {
  /** @throws InputError at `name`, `prefix` or `content` */
  save(file: TypedFile): Promise<VerificationFile>;
  /** @throws NotFoundError */
  remove(id: number, by: number): Promise<void>;
  /** @throws NotFoundError */
  find(id: number): Promise<VerificationFile>;
  /** What answers at exactly this path; undefined: nothing. */
  bytesAt(place: string): Promise<Buffer | undefined>;
}

export const mostFileBytes = 16_384;
const mostFiles = 50;

export function createVerificationService(deps: VerificationDeps): VerificationService {
  const store = new VerificationStore(deps.db);
  const list = async () => (await store.all()).map((file) => present(deps, file));
  const find = async (id: number): Promise<VerificationFile> => {
    const file = (await list()).find((one) => one.id === id);
    if (file === undefined) throw new NotFoundError('There is no such file.');
    return file;
  };
  return {
    list,
    find,
    bytesAt: (place) => store.at(place),
    save: async (typed) => {
      const place = await checkTyped(deps, typed, await store.all());
      const at = deps.clock.now();
      await deps.db.transaction(async (sql) => {
        await store.put({ place, bytes: typed.bytes, by: typed.by, at }, sql);
        await deps.events.record(eventOf('site.file-saved', typed.by, place), sql);
      });
      const saved = (await list()).find((one) => one.place === place);
      if (saved === undefined) throw new NotFoundError('The file was removed at the same moment.');
      return saved;
    },
    remove: (id, by) =>
      deps.db.transaction(async (sql) => {
        const place = await store.remove(id, sql);
        if (place === undefined) throw new NotFoundError('There is no such file.');
        await deps.events.record(eventOf('site.file-removed', by, place), sql);
      }),
    check: async ({ url, bytes }) => {
      const fetched = await (deps.fetchAddress ?? fetchAsStranger)(url);
      return checkAnswer({ t: deps.t, url }, fetched, bytes);
    },
    lookUp: (record) => lookUpTxt(deps, record),
  };
}

function eventOf(kind: string, actorId: number, place: string) {
  return { teamId: null, actorId, subject: 'site', subjectId: place.slice(0, 60), kind, facts: { place } } as const;
}

async function checkTyped({ t }: VerificationDeps, typed: TypedFile, kept: readonly StoredFile[]): Promise<string> {
  const found: FilePlace = placeOf(typed.prefix, typed.name);
  if ('fault' in found) throw fault(t, found.fault === 'prefix' ? 'prefix' : 'name', found.fault);
  const { place } = found;
  if (await typed.isTaken(place)) throw fault(t, 'name', 'taken');
  if (typed.bytes.length === 0) throw fault(t, 'content', 'empty');
  if (typed.bytes.length > mostFileBytes) throw fault(t, 'content', 'large');
  if (kept.length >= mostFiles && !kept.some((file) => file.place === place)) throw fault(t, 'name', 'many');
  return place;
}

function fault(t: Translate, field: string, reason: string): InputError {
  return new InputError([{ field, message: t(`verification:fault.${reason}`) }]);
}

function present({ config, registry }: VerificationDeps, file: StoredFile): VerificationFile {
  const name = file.place.slice(file.place.lastIndexOf('/') + 1);
  const content = file.bytes.toString('utf8');
  const opinions = registry.all().flatMap(({ parts }) => parts.siteVerification?.lookAt({ name, content }) ?? []);
  const doubtful = opinions.find((opinion) => opinion.kind === 'doubtful');
  return { ...file, url: `${config.publicUrl}${file.place}`, doubt: doubtful?.problem };
}
