import MarkdownIt from 'markdown-it';
import sanitizeHtml from 'sanitize-html';

/** HTML that was made by `drawMarkdown`, and so may be written into a page as it stands. */
export interface SafeHtml {
  readonly html: string;
}

// HTML inside Markdown stays text; the sanitiser behind it is the second lock, for what the first should let through.
const markdown = new MarkdownIt({ html: false, linkify: true, typographer: false }).disable('image');

const allowed: sanitizeHtml.IOptions = {
  allowedTags: [
    ...['h2', 'h3', 'h4', 'p', 'br', 'hr', 'blockquote', 'pre', 'code', 'ul', 'ol', 'li', 'strong', 'em', 's', 'a'],
    ...['table', 'thead', 'tbody', 'tr', 'th', 'td'],
  ],
  allowedAttributes: { a: ['href', 'rel'], ol: ['start'] },
  allowedSchemes: ['https', 'http', 'mailto', 'tel'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
  // The page has the one heading of the first rank already.
  transformTags: { h1: 'h2', h5: 'h4', h6: 'h4', a: sanitizeHtml.simpleTransform('a', { rel: 'noopener noreferrer' }) },
};

/** Headings, lists, tables, links and emphasis; no pictures, no HTML, no styles, no address that is code. */
export function drawMarkdown(text: string): SafeHtml {
  return { html: sanitizeHtml(markdown.render(text), allowed) };
}
