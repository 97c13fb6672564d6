/** Any part of a thing; a value that is undefined counts as left out. */
export type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };

export function leftIn(patch: object): object {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
}
