/** Programs that come from the holder of a private key: Ed25519 over all their bytes. */

import type { Verify } from "./types.js";

/** Where the number of a program is in its bytes: see `layout.rs` of the core. */
const NUMBER = 16;

/**
 * What `createClient` takes as `verify`, so that it uses no program that somebody else made or changed on its way, nor
 * one that is older than one it has seen.
 *
 * `publicKey` is what `openssl pkey -in signing.pem -pubout` prints. A browser that knows no Ed25519 uses no program.
 */
export function signedBy(publicKey: string): Verify {
  let newest = 0n;
  let key: Promise<CryptoKey> | undefined;
  const spki = publicKey.replace(/-----[^-]*-----/g, "");
  return async (program, signature) => {
    if (signature === null) throw new Error("the edge sent a program without a signature");
    key ??= crypto.subtle.importKey("spki", decoded(spki), "Ed25519", false, ["verify"]);
    if (!(await crypto.subtle.verify("Ed25519", await key, decoded(signature), program))) {
      throw new Error("the edge sent a program that somebody else signed, or changed");
    }
    const number = new DataView(program.buffer, program.byteOffset).getBigUint64(NUMBER, true);
    if (number < newest) throw new Error(`the edge sent program ${number} after program ${newest}`);
    newest = number;
  };
}

function decoded(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
