import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** DER of an Ed25519 private key up to its 32 bytes of seed (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_BYTES = 32;

/** The key pair of a bot: its secret, repeated until it fills 32 bytes, is the seed. Throws on an empty secret. */
export class SigningKey {
  private readonly key: KeyObject;
  private readonly publicKey: KeyObject;

  constructor(secret: string) {
    if (secret === '') throw new RangeError('a bot without a secret cannot sign');
    const seed = Buffer.alloc(SEED_BYTES, secret);
    this.key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
    this.publicKey = createPublicKey(this.key);
  }
  /** Hexadecimal signature over the timestamp and what follows it: a body, or the token of an address check. */
  sign(timestamp: string, text: string): string {
    return sign(null, Buffer.from(timestamp + text), this.key).toString('hex');
  }
  verify(timestamp: string, text: string, signature: string): boolean {
    if (!/^[0-9a-f]{128}$/i.test(signature)) return false;
    return verify(null, Buffer.from(timestamp + text), this.publicKey, Buffer.from(signature, 'hex'));
  }
}
