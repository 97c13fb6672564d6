import type { IOptions } from 'sanitize-html';

/** HTML that was made by `drawMarkdown`, and so may be written into a page as it stands. */
export interface SafeHtml {
  readonly html: string;
}

const allowed: IOptions = {
  allowedTags: [
    ...['h2', 'h3', 'h4', 'p', 'br', 'hr', 'blockquote', 'pre', 'code', 'ul', 'ol', 'li', 'strong', 'em', 's', 'a'],
    ...['table', 'thead', 'tbody', 'tr', 'th', 'td'],
  ],
  allowedAttributes: { a: ['href', 'rel'], ol: ['start'] },
  allowedSchemes: ['https', 'http', 'mailto', 'tel'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
  transformTags: {
    // The page has the one heading of the first rank already.
    ...{ h1: 'h2', h5: 'h4', h6: 'h4' },
    a: (tagName, attribs) => ({ tagName, attribs: { ...attribs, rel: 'noopener noreferrer' } }),
  },
};

let loaded: Promise<(text: string) => string> | undefined;

/** Both libraries are loaded for the first text: no start needs them. */
async function load(): Promise<(text: string) => string> {
  const [{ default: MarkdownIt }, { default: sanitize }] = await Promise.all([
    import('markdown-it'),
    import('sanitize-html'),
  ]);
  // HTML inside Markdown stays text; the sanitiser behind it is the second lock, for what the first should let through.
  const markdown = new MarkdownIt({ html: false, linkify: true, typographer: false }).disable('image');
  return (text) => sanitize(markdown.render(text), allowed);
}

/** Headings, lists, tables, links and emphasis; no pictures, no HTML, no styles, no address that is code. */
export async function drawMarkdown(text: string): Promise<SafeHtml> {
  loaded ??= load();
  return { html: (await loaded)(text) };
}
