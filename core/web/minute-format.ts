/** How many minutes are kept; a page of fifty rows has fifty. */
const mostKept = 200;
const minuteMs = 60_000;

/** What was said last of minutes: the same posts are looked at again and again. */
export class MinuteMemo {
  readonly #kept = new Map<number, string>();

  /** @param at UTC ms @param make asked once for its minute */
  of(at: number, make: (at: number) => string): string {
    const minute = Math.floor(at / minuteMs);
    const known = this.#kept.get(minute);
    if (known !== undefined) return known;
    if (this.#kept.size >= mostKept) this.#kept.clear();
    const text = make(at);
    this.#kept.set(minute, text);
    return text;
  }
}

/**
 * A format without seconds that keeps what it wrote last: the formats of one moment cost more than the rest of its row. Zones differ from UTC by whole minutes.
 */
export class MinuteFormat {
  readonly #format: Intl.DateTimeFormat;
  readonly #kept = new MinuteMemo();

  constructor(locale: string, options: Intl.DateTimeFormatOptions) {
    this.#format = new Intl.DateTimeFormat(locale, options);
  }

  /** @param at UTC ms */
  format(at: number): string {
    return this.#kept.of(at, (one) => this.#format.format(one));
  }

  /** @param from UTC ms @param to UTC ms */
  formatRange(from: number, to: number): string {
    return this.#format.formatRange(from, to);
  }
}
