import { type SealedPlace, type Vault, VaultError } from '../keys/vault.ts';
import type { Confirmations, KeptFor } from '../web/confirm-first.ts';
import type { SignInService } from './sign-in-service.ts';

/** Asks for passwords again, and seals what was typed with the installation's key. */
export function createConfirmations(deps: {
  readonly signIns: Pick<SignInService, 'confirm'>;
  readonly vault: Vault;
}): Confirmations {
  return {
    check: (personId, password) => deps.signIns.confirm(personId, password),
    seal: (typed, at) => deps.vault.seal(typed, placeOf(at)),
    open: (kept, at) => {
      try {
        return deps.vault.open(kept, placeOf(at));
      } catch (error) {
        if (error instanceof VaultError) return undefined;
        throw error;
      }
    },
  };
}

function placeOf({ sessionHash, path }: KeptFor): SealedPlace {
  return { table: 'confirm_form', column: 'kept', row: `${sessionHash}/${path}` };
}
