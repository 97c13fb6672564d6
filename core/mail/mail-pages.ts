import path from 'node:path';
import { projectRoot } from '../project-root.ts';
import { drawFor, escapeSaid, type Say, saidAsItStands } from '../web/drawing.ts';
import { createTemplates, type Model } from '../web/templates.ts';

/** Both texts of a mail: `views/mail/<name>.ejs`, escaped, and `views/mail/<name>-text.ejs`, as it stands. */
export interface MailPages {
  /** @param say makes words of what is written, in the language of whoever gets the mail */
  render(name: string, model: Model, say: Say): { readonly html: string; readonly text: string };
}

/** EJS as for pages; a mail has no frame and no partials. */
export function createMailPages(): MailPages {
  const fileOf = (name: string) => path.join(projectRoot, 'views/mail', `${name}.ejs`);
  const html = createTemplates({ fileOf, escape: escapeSaid, cache: true });
  // In plain text an & is an &.
  const text = createTemplates({ fileOf, escape: saidAsItStands, cache: true });
  return {
    render: (name, model, say) =>
      drawFor(say, () => ({
        html: html.draw(name, { words: {}, model }),
        text: text.draw(`${name}-text`, { words: {}, model }),
      })),
  };
}
