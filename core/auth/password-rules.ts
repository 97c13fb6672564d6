/** Why a password cannot be used, as the text's key in `auth:password`. */
export type PasswordFault = 'tooShort' | 'tooLong' | 'isEmail' | 'isName' | 'isSite';

interface About {
  readonly email: string;
  readonly name: string;
  readonly siteName: string;
}

/** Long enough to resist guessing; nothing else is demanded, and nothing is cut off or changed. */
export function passwordFault(password: string, { email, name, siteName }: About): PasswordFault | undefined {
  const length = Array.from(password).length;
  if (length < 8) return 'tooShort';
  if (length > 128) return 'tooLong';
  const typed = password.trim().toLowerCase();
  const [localPart = ''] = email.toLowerCase().split('@');
  if (typed === email.toLowerCase() || typed === localPart) return 'isEmail';
  if (typed === name.trim().toLowerCase()) return 'isName';
  if (typed === siteName.trim().toLowerCase()) return 'isSite';
  return undefined;
}
