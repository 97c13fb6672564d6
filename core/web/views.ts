import path from 'node:path';
import { drawFor, escapeSaid, type Say } from './drawing.ts';
import { createTemplates, type Drawn } from './templates.ts';

export interface Views {
  /**
   * Draws a view: `posts/list` of the host, `<plugin>/<name>` of a plugin.
   * @param drawn what the template sees as `it`; never a request's own fields spread out
   * @param say makes words of what is written into the page
   */
  render(view: string, drawn: Drawn, say: Say): string;
}

interface ViewFolders {
  readonly root: string;
  /** By plugin id. */
  readonly plugins: ReadonlyMap<string, string>;
  /** Compiled templates are kept; off in development, so that an edit shows at once. */
  readonly cache: boolean;
}

/**
 * EJS, called directly and not through `res.render`, so that no field of a request can ever become an option
 * of the engine (CVE-2022-29078, CVE-2024-33883).
 */
export function createViews({ root, plugins, cache }: ViewFolders): Views {
  const fileOf = (view: string): string => {
    const [first = '', ...rest] = view.split('/');
    const folder = plugins.get(first);
    return folder === undefined ? path.join(root, `${view}.ejs`) : path.join(folder, `${rest.join('/')}.ejs`);
  };
  const templates = createTemplates({ fileOf, escape: escapeSaid, cache });
  return { render: (view, drawn, say) => drawFor(say, () => templates.draw(view, drawn)) };
}
