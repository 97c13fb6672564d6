import { z } from 'zod';
import { leftIn, type Loose } from './loose.ts';

const seconds = z.number().int().min(0);

/** Every lasting switch, its values and its default. docs/SIMULATOR.md explains each by the same name. */
export const switchesShape = z.strictObject({
  processing_seconds: z.number().min(0),
  processing_hold: z.boolean(),
  post_id_delay_seconds: z.number().min(0),
  post_id_shape: z.enum(['numbers', 'strings', 'scalar', 'absent']),
  media_check: z.enum(['full', 'none']),
  photo_fetch: z.enum(['http', 'none']),
  token_profile: z.enum(['current', 'legacy']),
  access_token_seconds: seconds.nullable(),
  refresh_token_seconds: seconds.nullable(),
  code_lifetime_seconds: seconds,
  oauth_error_status: z.enum(['alternating', '200', '400']),
  authorize_errors: z.enum(['page', 'redirect']),
  authorize_slash: z.enum(['optional', 'required']),
  state: z.enum(['optional', 'required']),
  pkce: z.enum(['platform', 'required']),
  invalid_params_spelling: z.enum(['invalid_params', 'invalid_param']),
  megabytes: z.enum(['either', 'decimal', 'binary']),
  chunk_plan: z.enum(['checked', 'any']),
  missing_scope: z.enum(['401', '400']),
  refused_scope_code: z.enum(['scope_not_authorized', 'insufficient_permissions', 'app_not_approved']),
  branded_self_only: z.enum(['refused', 'accepted']),
  upload_progress: z.enum(['count', 'last-index']),
  upload_url_seconds: seconds,
  rate_limits: z.enum(['on', 'off']),
  webhooks: z.enum(['on', 'off']),
  webhook_duplicates: z.boolean(),
  webhook_out_of_order: z.boolean(),
  latency_ms: z.number().int().min(0),
  date_skew_seconds: z.number().int(),
});

export type Switches = z.infer<typeof switchesShape>;

const defaultSwitches: Switches = {
  processing_seconds: 2,
  processing_hold: false,
  post_id_delay_seconds: 1,
  post_id_shape: 'numbers',
  media_check: 'full',
  photo_fetch: 'http',
  token_profile: 'current',
  access_token_seconds: null,
  refresh_token_seconds: null,
  code_lifetime_seconds: 300,
  oauth_error_status: 'alternating',
  authorize_errors: 'page',
  authorize_slash: 'optional',
  state: 'optional',
  pkce: 'platform',
  invalid_params_spelling: 'invalid_params',
  megabytes: 'either',
  chunk_plan: 'checked',
  missing_scope: '401',
  refused_scope_code: 'scope_not_authorized',
  branded_self_only: 'refused',
  upload_progress: 'count',
  upload_url_seconds: 3600,
  rate_limits: 'on',
  webhooks: 'on',
  webhook_duplicates: false,
  webhook_out_of_order: false,
  latency_ms: 0,
  date_skew_seconds: 0,
};

/** The board of lasting switches. Failures that happen a number of times are in failures.ts. */
export class SwitchBoard {
  #values: Switches = { ...defaultSwitches };
  #oauthErrors = 0;

  get values(): Switches {
    return this.#values;
  }

  set(patch: Loose<Switches>): Switches {
    const parsed = switchesShape.partial().parse(leftIn(patch));
    this.#values = switchesShape.parse({ ...this.#values, ...parsed });
    return this.#values;
  }

  reset(): void {
    this.#values = { ...defaultSwitches };
    this.#oauthErrors = 0;
  }

  /** TikTok documents no status for OAuth errors: alternating makes a client meet both. */
  nextOauthErrorStatus(code: string): number {
    const plain = code === 'invalid_client' ? 401 : 400;
    if (this.#values.oauth_error_status === '200') return 200;
    if (this.#values.oauth_error_status === '400') return plain;
    this.#oauthErrors += 1;
    return this.#oauthErrors % 2 === 1 ? 200 : plain;
  }

  /** Seconds that new tokens live: pages of November 2026, or those before (oauth-user-access-token-management). */
  get lifetimes(): { readonly access: number; readonly refresh: number } {
    const legacy = this.#values.token_profile === 'legacy';
    return {
      access: this.#values.access_token_seconds ?? (legacy ? 86_400 : 7_200),
      refresh: this.#values.refresh_token_seconds ?? (legacy ? 31_536_000 : 15_552_000),
    };
  }
}
