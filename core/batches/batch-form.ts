import type { FormBody } from '../posts/post-form.ts';
import { readId, readPostForm } from '../posts/post-form.ts';
import type { RowChange, RowRef } from './batch.ts';
import type { TimeOrder } from './fill-times.ts';

/** `12:1,14:3` → rows with the versions that stood on the page; `12.14` where those do not matter. */
export function readRowRefs(text: string | undefined): readonly RowRef[] {
  const refs = (text ?? '').split(/[.,]/);
  const seen = new Set<number>();
  return refs.flatMap((ref): readonly RowRef[] => {
    const [id, version = ''] = ref.split(':');
    const postId = readId(id);
    if (postId === undefined || seen.has(postId)) return [];
    seen.add(postId);
    return [{ postId, version }];
  });
}

/** Only what was sent changes; `channels` may be sent empty, so it is announced. */
export function readRowChange(form: FormBody): RowChange {
  const { body } = form;
  const { caption, date, time } = body;
  return {
    ...(caption === undefined ? {} : { caption: caption.replaceAll('\r\n', '\n') }),
    ...(date === undefined && time === undefined ? {} : { planned: { date: date ?? '', time: time ?? '' } }),
    ...(body['picked'] === undefined ? {} : { channelIds: readChannels(form) }),
  };
}

/** As check boxes send them, or several in one value. */
export function readChannels(form: FormBody): readonly number[] {
  const texts = form.all('channels').flatMap((text) => text.split(','));
  return [...new Set(texts.flatMap((text) => readId(text) ?? []))];
}

export function readTimeOrder(form: FormBody): TimeOrder {
  const { body } = form;
  const rows = readRowRefs(body['rows']);
  if (body['fill'] === 'slots') return { rows, by: { kind: 'slots' } };
  const times = form.all('times').filter((time) => time.trim() !== '');
  const pattern = { from: body['from'] ?? '', times, weekdaysOnly: body['weekdays'] !== undefined };
  return { rows, by: { kind: 'pattern', pattern } };
}

/** Options of each channel of the panel, as typed. What is unticked is sent by nobody, so each group is replaced whole. */
export function readBatchOptions(form: FormBody): ReadonlyMap<number, Readonly<Record<string, string>>> {
  const typed = readPostForm(form).options;
  const shown = form.all('groups').flatMap((text) => readId(text) ?? []);
  return new Map(shown.map((id) => [id, typed.get(id) ?? {}]));
}

/** Every text that stood above the button, by plugin. */
export function readShown(form: FormBody): ReadonlyMap<string, ReadonlySet<string>> {
  const names = Object.keys(form.body).flatMap((name) => /^declaration\.([a-z][a-z0-9-]{0,39})$/.exec(name)?.[1] ?? []);
  const texts = (name: string) => form.all(`declaration.${name}`).map((text) => text.replaceAll('\r\n', '\n'));
  return new Map(names.map((name) => [name, new Set(texts(name))]));
}
