import { expect } from 'chai';
import path from 'node:path';
import { createErrorLibrary } from '../../../core/help/error-library.ts';
import { searchErrors } from '../../../core/help/error-search.ts';
import { ownErrors } from '../../../core/help/own-errors.ts';
import { createPluginRegistry } from '../../../core/plugin-host/plugin-registry.ts';
import { projectRoot } from '../../../core/project-root.ts';
import { loadTexts } from '../../../core/web/texts.ts';
import { createErrorBook } from '../../../plugins/tiktok/error-book/book.ts';

const texts = loadTexts({
  folders: ['core/locales', 'plugins/tiktok/locales'].map((folder) => path.join(projectRoot, folder)),
  onMissing: (key) => {
    throw new Error(`There is no text for ${key}.`);
  },
});

/** TikTok's page, as it is copied from the browser. */
const page = `Something went wrong
We couldn't log in with TikTok. This may be due to specific app settings.
If you're a developer, correct the following and try again: redirect_uri`;

function smallPrint(keyword: string, error: string): string {
  return `Something went wrong\nIf you are a developer, correct the following and try again:\n\n${keyword}\n\nerror: ${error}\nlogid: 2026`;
}

/** Typed, and the first codes found. */
const searches: readonly (readonly [what: string, typed: string, found: readonly string[]])[] = [
  ['a code', 'spam_risk_text', ['spam_risk_text']],
  ['a code in capitals between blanks', '  NON_SANDBOX_TARGET ', ['non_sandbox_target']],
  ['a plain word that is a code', 'scope', ['scope']],
  ['a code with spaces', 'App not approved', ['App not approved']],
  ["TikTok's page", page, ['redirect_uri']],
  ["TikTok's page with its small print", smallPrint('redirect_uri', 'param_error'), ['redirect_uri', 'param_error']],
  ['a plain word on that page', smallPrint('scope', 'invalid_scope'), ['scope', 'invalid_scope']],
  [
    'what a cancelled login is not',
    smallPrint('non_sandbox_target', 'access_denied'),
    ['non_sandbox_target', 'access_denied'],
  ],
  [
    "the address of TikTok's page, the more telling word first",
    'https://www.tiktok.com/error?error=unauthorized_client&error_type=client_key&logid=2026',
    ['client_key', 'unauthorized_client'],
  ],
  [
    'an answer of the API',
    '{"data":{},"error":{"code":"scope_not_authorized","message":"The user did not authorize the scope.","log_id":"2"}}',
    ['scope_not_authorized'],
  ],
  [
    'an answer of the token endpoint without any code of the posts',
    '{"error":"invalid_grant","error_description":"Authorization code is expired.","log_id":"2026"}',
    ['invalid_grant'],
  ],
  ['a status', '{"data":{"status":"FAILED","fail_reason":"duration_check_failed"}}', ['duration_check_failed']],
  ["TikTok's words without a code", 'Redirect_uri is not matched with the uri when requesting code.', ['redirect_uri']],
  ['a status line', 'This page isn’t working. HTTP ERROR 431', ['http_431']],
  ['the words of a message', 'moderation finds the caption risky', ['spam_risk_text']],
  ['the words of a message in Thai', 'ระบบกลั่นกรองของ TikTok เห็นว่าแคปชันมีความเสี่ยง', ['spam_risk_text']],
  ['words that are in none', 'zzz qqqq', []],
];

describe('The search of the error book', () => {
  const book = { entries: createErrorBook(texts.deferring).entries, own: ownErrors(texts.deferring) };
  const library = createErrorLibrary({ registry: createPluginRegistry(), own: [...book.entries, ...book.own] });

  for (const [what, typed, expected] of searches) {
    it(`finds ${what}`, () => {
      const { say } = texts.speech('th');
      const english = texts.speech('en').say;
      const searchable = library.all().map((entry) => ({
        entry,
        texts: entry.sections.flatMap(({ told, about }) => [say(told), english(told), say(about)]),
      }));
      const found = searchErrors(typed, searchable).entries.map(({ code }) => code);
      expect(found.slice(0, Math.max(1, expected.length))).to.deep.equal(expected);
    });
  }
});
