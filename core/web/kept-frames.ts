type Model = Readonly<Record<string, unknown>>;

/** What the parts of the frame that are kept see, and nothing else of the page. */
export interface FrameModel {
  /** The same for everybody who reads this language. */
  readonly words: Model;
  /** Plain data: as long as it is the same, so is what is drawn of it. */
  readonly facts: Model;
}

/** Frames of those who were here last, some ten kilobytes each. */
const mostKept = 500;

/**
 * A person goes from page to page and finds most of the frame as it was: its parts are drawn again only once what they
 * show has changed. Whoever reads it, what was drawn is found by all that it was drawn of.
 */
export class KeptFrames {
  readonly #parts = new Map<string, Map<string, string>>();

  open({ words, facts }: FrameModel): KeptFrame {
    const key = JSON.stringify(facts);
    const parts = this.#parts.get(key) ?? new Map<string, string>();
    if (this.#parts.size >= mostKept) this.#parts.clear();
    this.#parts.set(key, parts);
    return new KeptFrame({ words, facts }, parts);
  }
}

/** The frame around one page. */
export class KeptFrame {
  readonly #model: FrameModel;
  readonly #parts: Map<string, string>;

  constructor(model: FrameModel, parts: Map<string, string>) {
    this.#model = model;
    this.#parts = parts;
  }

  part(name: string, draw: (model: Model) => string): string {
    const known = this.#parts.get(name);
    if (known !== undefined) return known;
    const { words, facts } = this.#model;
    // In one piece: what a template has written is a chain of a thousand, to be walked for each page.
    const html = Buffer.from(draw({ ...words, ...facts })).toString();
    this.#parts.set(name, html);
    return html;
  }
}
