/** “Hazel & Rye” → “HR”: stands where a channel has no picture. */
export function lettersOf(nickname: string): string {
  const words = nickname.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = words.slice(0, 2).map((word) => /[\p{L}\p{N}]/u.exec(word)?.[0] ?? '');
  return letters.join('').toUpperCase();
}
