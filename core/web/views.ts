import path from 'node:path';
import ejs from 'ejs';
import { drawFile, escapeSaid, type Say } from './draw-file.ts';

export interface Views {
  /**
   * Draws a view: `posts/list` of the host, `<plugin>/<name>` of a plugin.
   * @param locals what the template sees as `it`; never a request's own fields spread out
   * @param say makes words of what is written into the page
   */
  render(view: string, locals: Readonly<Record<string, unknown>>, say: Say): Promise<string>;
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
  const locate = (view: string): string | undefined => {
    const [first = '', ...rest] = view.split('/');
    const folder = plugins.get(first);
    return folder === undefined ? undefined : path.join(folder, `${rest.join('/')}.ejs`);
  };
  // EJS keeps one cache for all, and each compiled template the includer it met first: that of an app before this one.
  ejs.clearCache();
  const options: ejs.Options = {
    root,
    cache,
    strict: true,
    localsName: 'it',
    escape: escapeSaid,
    includer: (original: string, parsed: string) => {
      const file = locate(original);
      return { filename: file ?? parsed };
    },
  };
  return {
    render: (view, model, say) => drawFile(locate(view) ?? path.join(root, `${view}.ejs`), { model, say, options }),
  };
}
