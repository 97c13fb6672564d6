import { expect } from 'chai';
import { passwordFault } from '../../../core/auth/password-rules.ts';
import { createPasswords } from '../../../core/auth/passwords.ts';

describe('Passwords', () => {
  const passwords = createPasswords();
  const about = { email: 'maja@example.org', name: 'Maja Lindqvist', siteName: 'Castdeck' };

  it('S11: are hashed with argon2id, 19 MiB, two passes, one lane', async () => {
    expect(await passwords.hash('x'.repeat(8))).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('S11: count to their last character', async () => {
    const long = 'a'.repeat(72);
    const passwordHash = await passwords.hash(`${long}x`);
    expect(await passwords.matches(`${long}x`, passwordHash)).to.equal(true);
    expect(await passwords.matches(`${long}y`, passwordHash)).to.equal(false);
    expect(await passwords.matches(long, passwordHash)).to.equal(false);
  });

  it('S11: are taken as typed: spaces, accents and emoji count', async () => {
    for (const password of ['  spaces  ', 'Ålborg på tværs', '🧁🧁🧁🧁🧁🧁🧁🧁', 'p\u0000assword']) {
      expect(passwordFault(password, about), password).to.equal(undefined);
      const passwordHash = await passwords.hash(password);
      expect(await passwords.matches(password, passwordHash)).to.equal(true);
      expect(await passwords.matches(password.trim().normalize('NFD'), passwordHash)).to.equal(
        password.trim().normalize('NFD') === password,
      );
    }
  });

  it('S11: have 8 to 128 characters, whatever these are', () => {
    expect(passwordFault('1234567', about)).to.equal('tooShort');
    expect(passwordFault('🧁'.repeat(7), about)).to.equal('tooShort');
    expect(passwordFault('🧁'.repeat(128), about)).to.equal(undefined);
    expect(passwordFault('a'.repeat(129), about)).to.equal('tooLong');
    expect(passwordFault('aaaaaaaa', about)).to.equal(undefined);
  });

  it("S11: are not the person's own email or name, nor the installation's name", () => {
    expect(passwordFault('Maja@Example.org', about)).to.equal('isEmail');
    expect(passwordFault(' maja lindqvist ', about)).to.equal('isName');
    expect(passwordFault('CASTDECK', about)).to.equal('isSite');
  });

  it('nobody without a password matches any', async () => {
    expect(await passwords.matches('anything at all', null)).to.equal(false);
  });

  it('S11: are hashed a few at a time, however many come', async () => {
    const hashes = await Promise.all([...Array(6).keys()].map((n) => passwords.hash(`password ${n}`)));
    expect(new Set(hashes).size).to.equal(6);
  });
});
