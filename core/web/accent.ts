/** The colour an installation has before anybody chooses one. */
export const defaultAccent = '#0a6a76';

/**
 * The one stylesheet that differs between installations: a single custom property from which tokens.css derives the rest.
 * It is a stylesheet and not a style attribute because the Content-Security-Policy allows no inline style.
 *
 * @param accent `#rrggbb`; any other text is refused, so that a setting can never become a rule of its own.
 */
export function accentStylesheet(accent: string): string {
  if (!/^#[0-9a-f]{6}$/i.test(accent)) {
    throw new RangeError('The accent colour must be # and six hexadecimal digits, for example #0a6a76.');
  }
  return `:root { --cd-accent: ${accent.toLowerCase()}; }\n`;
}
