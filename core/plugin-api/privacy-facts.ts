/** What the starting text of the privacy policy says of a network. Markdown, a paragraph each. */
export interface PrivacyFacts {
  /** What is kept of a connected account. @param site the installation's name */
  stored(site: string): string;
  /** How its owner takes the permission back at the network itself. */
  revoke(site: string): string;
}
