/** What a screen reader comes by, from the top: the profile, what it is asked, what pressing means, the button. */
export const spokenAtComposer: readonly string[] = [
  ...['heading "Channels"', 'checkbox "Hazel & Rye" [checked]', 'heading "Media"', 'button "Add media"'],
  ...['textbox "Caption"', 'heading "TikTok options"', 'group "Hazel & Rye"', 'heading "Hazel & Rye" [level=3]'],
  ...['combobox "Privacy"', 'option "Choose who can see it"', 'option "Everyone"', 'option "Friends" [selected]'],
  ...['option "Only me" [disabled]', 'Branded content visibility cannot be set to private.'],
  ...['group "Interactions"', 'switch "Allow Comment"', 'switch "Allow Duet"', 'switch "Allow Stitch"'],
  ...['group "Commercial content"', 'switch "Disclose content" [checked]', 'group "What it promotes"'],
  ...['checkbox "Your brand" [checked]', 'You are promoting yourself or your own business.'],
  ...['checkbox "Branded content" [checked]', 'You are promoting another brand or a third party.'],
  ...['status:', 'Your video will be labeled “Paid partnership”', 'switch "AI-generated content" [checked]'],
  ...['group "Hazel & Rye Workshops"', 'switch "Allow Comment" [disabled]'],
  ...['switch "Allow Duet" [disabled]', 'group "Rye Club"', 'group "When to post"', 'radio "Immediately" [checked]'],
  ...['complementary "Preview"', "By posting, you agree to TikTok's", 'link "Branded Content Policy"'],
  ...['link "Music Usage Confirmation"', 'button "Save draft"', 'button "Publish"'],
];

/** Those of the words that stand in the text, each behind the one before. */
export function inOrder(text: string, words: readonly string[]): readonly string[] {
  let from = 0;
  return words.filter((word) => {
    const at = text.indexOf(word, from);
    if (at >= 0) from = at + word.length;
    return at >= 0;
  });
}
