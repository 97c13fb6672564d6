// What becomes of words that a tab kept because they had not arrived. Decisions only: no page, no storage, no requests.

/** Words are their writer's: whoever signs in next in the same tab neither sees nor sends them. */
export function isOwn(words, person) {
  return person !== undefined && person !== '' && words.person === person;
}

/**
 * @param answer `kind`: a status, or `signedOut`; `version`: the one that stands, when the words were typed over another
 * @param isHere whether they belong to the form on this page
 * @returns `forget` once they have arrived; `ask` the person whose words stay; `tell` why they were not taken; or `wait`
 *   in the tab, until their own form is opened or the person has signed in
 */
export function fateOf({ kind, version }, isHere) {
  if (kind === 200) return 'forget';
  if (kind === 'signedOut' || !isHere) return 'wait';
  return kind === 409 && version ? 'ask' : 'tell';
}
