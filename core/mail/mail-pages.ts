import path from 'node:path';
import ejs from 'ejs';
import { projectRoot } from '../project-root.ts';

/** Both texts of a mail: `views/mail/<name>.ejs`, escaped, and `views/mail/<name>-text.ejs`, as it stands. */
export interface MailPages {
  render(
    name: string,
    model: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly html: string; readonly text: string }>;
}

/** EJS called directly, as for pages; a mail has no frame and no partials. */
export function createMailPages(): MailPages {
  const folder = path.join(projectRoot, 'views/mail');
  const options: ejs.Options = { cache: true, strict: true, localsName: 'it' };
  // In plain text an & is an &.
  const asItStands = { ...options, escape: (value: unknown) => (typeof value === 'string' ? value : '') };
  return {
    async render(name, model) {
      const html = await ejs.renderFile(path.join(folder, `${name}.ejs`), { ...model }, options);
      const text = await ejs.renderFile(path.join(folder, `${name}-text.ejs`), { ...model }, asItStands);
      return { html, text };
    },
  };
}
