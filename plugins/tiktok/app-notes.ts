import type { AppNotesShape, FieldCheck } from '#plugin-api';

/**
 * A sandbox is never reviewed and never audited; only its target users can log in, at most ten
 * (developers.tiktok.com/doc/add-a-sandbox).
 */
export const sandboxNotes = {
  testers: {
    label: 'tiktok-sets:testers.label',
    help: 'tiktok-sets:testers.help',
    noted: 'tiktok-sets:testers.noted',
    most: 10,
    check: checkUsername,
  },
} as const satisfies AppNotesShape;

/** The states are those of the portal, Manage apps (developers.tiktok.com/doc/getting-started-create-an-app). */
export const liveNotes = {
  state: {
    label: 'tiktok-sets:state.label',
    help: 'tiktok-sets:state.help',
    states: {
      draft: 'tiktok-sets:state.states.draft',
      'in-review': 'tiktok-sets:state.states.in-review',
      live: 'tiktok-sets:state.states.live',
      'not-approved': 'tiktok-sets:state.states.not-approved',
    },
    expect: {
      draft: 'tiktok-sets:state.expect.draft',
      'in-review': 'tiktok-sets:state.expect.in-review',
      'not-approved': 'tiktok-sets:state.expect.not-approved',
    },
  },
  audit: { label: 'tiktok-sets:audit.label', help: 'tiktok-sets:audit.help' },
} as const satisfies AppNotesShape;

/** Letters, digits, underscores and periods: support.tiktok.com, section on usernames. */
function checkUsername(typed: string): ReturnType<FieldCheck> {
  const isUsername = /^[\p{L}\p{N}_.]{1,40}$/u.test(typed);
  return isUsername ? { value: typed } : { problem: { key: 'tiktok-sets:problem.username' } };
}
