/** What a network says of a file by its name and its content. */
export type FileOpinion =
  | { readonly kind: 'fits' }
  /** The network would not accept it like this; `problem` says what is wrong and what to do. */
  | { readonly kind: 'doubtful'; readonly problem: string };

/** How a network has an installation prove that its address is its own: by a file, or by a DNS record. */
export interface SiteVerification {
  /** One or two sentences, with the network's own portal words: where to get the file or the record. */
  readonly where: string;
  /** E.g. `networkAbC123.txt`. */
  readonly exampleName: string;
  /** @returns undefined for a file that is none of this network's */
  lookAt(file: { readonly name: string; readonly content: string }): FileOpinion | undefined;
  /**
   * The value of the DNS TXT record.
   * @param typed the code alone, or the whole value as the network shows it
   * @returns undefined for what is neither
   */
  txtValue(typed: string): string | undefined;
}
