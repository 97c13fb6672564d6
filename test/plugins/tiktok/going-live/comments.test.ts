import { expect } from 'chai';
import { matchComment } from '../../../../core/going-live/match-comment.ts';
import { part } from './part.ts';

/** What reviewers write, and the explanation that has to come first. */
const table: readonly (readonly [comment: string, first: string])[] = [
  ['Your app is for personal or internal use only. We only accept apps for a wide audience.', 'private'],
  ['The website URL you provided leads to a login page. Please provide a fully developed website.', 'site'],
  ['Please make the Privacy Policy and Terms of Service easily visible on your site.', 'policies'],
  ['Please EXPLAIN in more detail how each scope and product works within your app.', 'unexplained'],
  ['The scope user.info.stats is not needed for the described functionality. Remove any unused scopes.', 'unused'],
  ['The demo video does not show the complete flow of all selected products and scopes.', 'film'],
  ['The domain in your application is not verified. Please check your URL properties.', 'domain'],
  ['The app icon must be the same logo as on your site, and the app name is not acceptable.', 'name'],
  ['The privacy level must not have a default value, and Duet/Stitch must not be preselected.', 'composer'],
  ['Your tool lets people download and repost videos from other platforms.', 'content'],
];

describe("TikTok's review comment", () => {
  for (const [comment, first] of table) {
    it(`finds its explanation: ${first}`, () => {
      expect(matchComment(comment, part.refusals)[0]?.id).to.equal(first);
    });
  }

  it('finds nothing where nobody knows, and nothing in parts of words', () => {
    expect(matchComment('Something went wrong.', part.refusals)).to.deep.equal([]);
    expect(matchComment('A silicone democracy.', part.refusals)).to.deep.equal([]);
    expect(matchComment('', part.refusals)).to.deep.equal([]);
  });

  it('shows at most three, so that one of them can be followed', () => {
    const long = part.refusals.flatMap(({ signs }) => signs).join(' ');
    expect(matchComment(long, part.refusals)).to.have.length(3);
  });

  it('has steps for each', () => {
    for (const { steps, id } of part.refusals) expect(steps.length, id).to.be.greaterThan(1);
  });
});
