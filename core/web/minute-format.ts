/** How many minutes are kept; a page of fifty rows has fifty. */
const mostKept = 200;
const minuteMs = 60_000;

/**
 * A format without seconds that keeps what it wrote last: the same posts are looked at again and again, and the five
 * formats of one moment cost more than the rest of its row. Zones differ from UTC by whole minutes.
 */
export class MinuteFormat {
  readonly #format: Intl.DateTimeFormat;
  readonly #kept = new Map<number, string>();

  constructor(locale: string, options: Intl.DateTimeFormatOptions) {
    this.#format = new Intl.DateTimeFormat(locale, options);
  }

  /** @param at UTC ms */
  format(at: number): string {
    const minute = Math.floor(at / minuteMs);
    const known = this.#kept.get(minute);
    if (known !== undefined) return known;
    if (this.#kept.size >= mostKept) this.#kept.clear();
    const text = this.#format.format(at);
    this.#kept.set(minute, text);
    return text;
  }

  /** @param from UTC ms @param to UTC ms */
  formatRange(from: number, to: number): string {
    return this.#format.formatRange(from, to);
  }
}
