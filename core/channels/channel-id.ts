import { NotFoundError } from '../errors.ts';

/** The number in an address. `1e0`, ` 1` and `01` name nothing. @throws NotFoundError */
export function readId(text: string | undefined): number {
  if (text === undefined || !/^[1-9]\d{0,14}$/.test(text)) throw new NotFoundError('There is no such channel.');
  return Number(text);
}
