import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** Length of an Ed25519 seed. */
const SEED_BYTES = 32;
/** PKCS #8 wrapping of an Ed25519 seed (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * QQ's signatures on the webhook: Ed25519, with the app secret, repeated to 32 bytes, as the seed. Both sides hold the
 * secret; QQ signs what it sends, we sign the answer to its check of the address.
 */
export class WebhookKey {
  private readonly own: KeyObject;
  private readonly theirs: KeyObject;

  /** Throws RangeError when the secret is empty. */
  constructor(secret: string) {
    const bytes = Buffer.from(secret, 'utf8');
    if (bytes.length === 0) throw new RangeError('the app secret is empty');
    const seed = Buffer.alloc(SEED_BYTES, bytes);
    this.own = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
    this.theirs = createPublicKey(this.own);
  }
  /** Hex. */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.own).toString('hex');
  }
  /** Whether `signature` (hex) is that of `timestamp` followed by `body`. */
  isGenuine(signature: string, timestamp: string, body: Buffer): boolean {
    if (!/^[\da-f]{128}$/i.test(signature)) return false;
    return verify(null, Buffer.concat([Buffer.from(timestamp), body]), this.theirs, Buffer.from(signature, 'hex'));
  }
}
