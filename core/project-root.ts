import { existsSync } from 'node:fs';
import path from 'node:path';

/** The folder that runs: the checkout in development, `dist` once compiled. Code is loaded from here. */
export const codeRoot: string = path.dirname(import.meta.dirname);

/** The folder with package.json. Views, texts and public files are read from here, compiled or not. */
export const projectRoot: string = existsSync(path.join(codeRoot, 'package.json')) ? codeRoot : path.dirname(codeRoot);
