import path from 'node:path';
import { projectRoot } from '../project-root.ts';
import { drawFile, escapeSaid, type Say, saidAsItStands } from '../web/draw-file.ts';

/** Both texts of a mail: `views/mail/<name>.ejs`, escaped, and `views/mail/<name>-text.ejs`, as it stands. */
export interface MailPages {
  /** @param say makes words of what is written, in the language of whoever gets the mail */
  render(
    name: string,
    model: Readonly<Record<string, unknown>>,
    say: Say,
  ): Promise<{ readonly html: string; readonly text: string }>;
}

/** EJS called directly, as for pages; a mail has no frame and no partials. */
export function createMailPages(): MailPages {
  const folder = path.join(projectRoot, 'views/mail');
  const options = { cache: true, strict: true, localsName: 'it' };
  const html = { ...options, escape: escapeSaid };
  // In plain text an & is an &.
  const text = { ...options, escape: saidAsItStands };
  return {
    async render(name, model, say) {
      return {
        html: await drawFile(path.join(folder, `${name}.ejs`), { model, say, options: html }),
        text: await drawFile(path.join(folder, `${name}-text.ejs`), { model, say, options: text }),
      };
    },
  };
}
