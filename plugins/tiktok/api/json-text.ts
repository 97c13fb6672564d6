/** Strings are stepped over, so that digits inside a caption stay what they are. */
const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gu;

/** A number follows one of these, or begins the text; in a string they may too. */
const mayHoldLargeInteger = /(?:^|[\s:,[])-?\d{16}/u;

/**
 * Parses JSON with whole numbers beyond 2^53 kept as strings: TikTok sends post ids as 19-digit numbers,
 * which JSON.parse alone would round to another post's id. A null counts as absent.
 * @returns undefined when the text is no JSON
 */
export function parseExactJson(text: string): unknown {
  try {
    // Looking at each token and each value takes longer than parsing: most answers have no need of it.
    const exact = mayHoldLargeInteger.test(text) ? text.replace(stringOrNumber, quoteLargeInteger) : text;
    return text.includes('null') ? JSON.parse(exact, nullIsAbsent) : JSON.parse(exact);
  } catch {
    return undefined;
  }
}

function quoteLargeInteger(token: string): string {
  if (!/^-?\d{16,}$/u.test(token) || Number.isSafeInteger(Number(token))) return token;
  return `"${token}"`;
}

function nullIsAbsent(_key: string, value: unknown): unknown {
  return value ?? undefined;
}
