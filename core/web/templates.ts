import { readFileSync } from 'node:fs';
import ejs from 'ejs';
import { type FrameModel, type KeptFrame, KeptFrames } from './kept-frames.ts';

/** What a template sees as `it`. */
export type Model = Readonly<Record<string, unknown>>;

/** What is drawn with. Together they are what the template sees. */
export interface Drawn {
  /** What every page says things with; a partial sees these and what it is handed, not what else the page knows. */
  readonly words: Model;
  readonly model: Model;
  /** What the kept parts of the frame see; without it they are drawn of all that the page knows. */
  readonly frame?: FrameModel;
}

export interface Templates {
  /** @param name as `include` has it: `/partials/icon` of the host, `<plugin>/channel` of a plugin */
  draw(name: string, drawn: Drawn): string;
}

interface TemplateOptions {
  /** Where the template of a name is. */
  readonly fileOf: (name: string) => string;
  readonly escape: (value: unknown) => string;
  /** Compiled templates are kept; off in development, so that an edit shows at once. */
  readonly cache: boolean;
}

/** Their folder. A page has hundreds of them: what they are handed is written at each `include`. */
const partials = '/partials/';
/** Parts of the frame that see the facts of the frame alone. */
const keptParts = '/frame/kept/';

type Draw = (it: Model) => string;

/** What a template is run with as `this`. */
interface Including {
  part(name: string, it: Model, own?: Model): string;
}

/**
 * EJS, whose templates include each other without EJS's own `include`: that looks for the file again and copies twice
 * all that a page knows, each time (docs/decisions/034). A list of fifty rows includes four hundred partials.
 */
export function createTemplates({ fileOf, escape, cache }: TemplateOptions): Templates {
  const kept = new Map<string, Draw>();
  const find = (name: string): Draw => {
    const known = kept.get(name);
    if (known !== undefined) return known;
    const draw = compile(fileOf(name), { escape, including });
    if (cache) kept.set(name, draw);
    return draw;
  };
  // Drawing never waits, so nothing else is drawn in between.
  let wordsNow: Model = {};
  let frameNow: KeptFrame | undefined;
  let frames = new KeptFrames();
  const drawFramed = (name: string) => (model: Model) => {
    const before = wordsNow;
    wordsNow = model;
    const html = find(name)(model);
    wordsNow = before;
    return html;
  };
  const including: Including = {
    part: (name, it, own) => {
      if (frameNow !== undefined && name.startsWith(keptParts)) return frameNow.part(name, drawFramed(name));
      if (own === undefined || own === it) return find(name)(it);
      // Not spread: of an object that holds functions V8 takes seven times as long for that.
      return find(name)(Object.assign({}, name.startsWith(partials) ? wordsNow : it, own));
    },
  };
  return {
    draw: (name, { words, model, frame }) => {
      wordsNow = words;
      if (!cache) frames = new KeptFrames();
      frameNow = frame === undefined ? undefined : frames.open(frame);
      return find(name)({ ...words, ...model });
    },
  };
}

/** EJS hands a template its `include` as a variable. On the first line, so that an error names the right one. */
const ownInclude = '<% include = (name, own) => this.part(name, it, own); %>';

interface Compiling {
  readonly escape: TemplateOptions['escape'];
  readonly including: Including;
}

function compile(file: string, { escape, including }: Compiling): Draw {
  const options = {
    ...{ filename: file, strict: true, localsName: 'it', escape, context: including },
    // No copy without a prototype: in a strict template nothing but `it` is a variable, inherited or not.
    unsafePrototypeLocals: true,
  };
  return ejs.compile(ownInclude + readFileSync(file, 'utf8'), options);
}
