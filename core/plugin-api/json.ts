/** What can be stored as JSON and come back equal. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
