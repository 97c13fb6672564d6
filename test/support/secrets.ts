import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Database } from '../../core/db/database.ts';

/** Tokens and upload addresses as TikTok's answers held them, with the parts that would be enough. */
export function secretsIn(answers: string): readonly string[] {
  const found = new Set<string>();
  for (const [, name, text] of answers.matchAll(/"(access_token|refresh_token|upload_url)":("(?:[^"\\]|\\.)*")/g)) {
    const secret = z.string().parse(JSON.parse(text ?? '""'));
    if (secret === '') continue;
    found.add(secret);
    if (name !== 'upload_url') continue;
    for (const value of new URL(secret).searchParams.values()) if (value.length >= 16) found.add(value);
  }
  return [...found];
}

interface Search {
  readonly secrets: readonly string[];
  /** Texts by what they are. */
  readonly said: Readonly<Record<string, string>>;
  readonly db: Database;
  readonly dataDir: string;
}

/** Every place that holds a secret readably; the secrets themselves are not repeated. */
export async function findLeaks({ secrets, said, db, dataDir }: Search): Promise<readonly string[]> {
  const places = { ...said, database: await dumpOf(db), ...(await smallFilesOf(dataDir)) };
  const leaks: string[] = [];
  for (const [place, text] of Object.entries(places)) {
    secrets.forEach((secret, index) => {
      const form = formsOf(secret).find((one) => text.includes(one));
      if (form !== undefined) leaks.push(`secret ${index + 1} of ${secrets.length} in ${place}: ${around(text, form)}`);
    });
  }
  return leaks;
}

function formsOf(secret: string): readonly string[] {
  return [
    secret,
    encodeURIComponent(secret),
    secret.replaceAll('&', '&amp;'),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  ];
}

/** Where it stands, for whoever has to find the leak. */
function around(text: string, form: string): string {
  const at = text.indexOf(form);
  return `…${text.slice(Math.max(0, at - 120), at)}[secret]${text.slice(at + form.length, at + form.length + 40)}…`;
}

const name = z.object({ name: z.string() });

async function dumpOf({ knex, kind }: Database): Promise<string> {
  const names =
    kind === 'sqlite'
      ? knex('sqlite_master').where('type', 'table').select('name')
      : knex('information_schema.tables').whereRaw('table_schema = database()').select({ name: 'table_name' });
  const tables = z.array(name).parse(await names);
  const rows = await Promise.all(tables.map((table) => knex(table.name).select()));
  return JSON.stringify(rows);
}

const mostBytes = 5_000_000;

/** Files of the data folder, the database's own with its deleted rows included; videos are left out. */
async function smallFilesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: Record<string, string> = {};
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name);
    if (!entry.isFile() || (await stat(file)).size > mostBytes) continue;
    files[path.relative(folder, file)] = await readFile(file, 'latin1');
  }
  return files;
}
