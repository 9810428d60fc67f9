/** Programs that come from the holder of a private key: Ed25519 over all their bytes. */

import type { Verify } from "./types.js";

// Where a program has its number, the number of the string that names its environment, and in the table of its sections
// where the text and the strings begin: see `layout.rs` of the core.
const NUMBER = 16;
const ENVIRONMENT = 32;
const TEXT = 40;
const STRINGS = 48;

/**
 * What `createClient` takes as `verify`, so that it uses no program that somebody else made or changed on its way, nor
 * one that is older than one it has seen, nor one of another `environment`, where that is given: a deployment signs those of
 * all its environments alike.
 *
 * What is not signed is what operations change: kills, and how far releases are. `publicKey` is what `openssl pkey -in signing.pem -pubout` prints. A browser that knows no Ed25519 uses no program.
 */
export function signedBy(publicKey: string, environment?: string): Verify {
  let newest = 0n;
  let key: Promise<CryptoKey> | undefined;
  const spki = publicKey.replace(/-----[^-]*-----/g, "");
  return async (program, signature) => {
    if (signature === null) throw new Error("the edge sent a program without a signature");
    key ??= crypto.subtle.importKey("spki", decoded(spki), "Ed25519", false, ["verify"]);
    if (!(await crypto.subtle.verify("Ed25519", await key, decoded(signature), program))) {
      throw new Error("the edge sent a program that somebody else signed, or changed");
    }
    const view = new DataView(program.buffer, program.byteOffset);
    const name = environmentOf(program, view);
    if (environment !== undefined && name !== environment) throw new Error(`the edge sent a program of ${name}, expected ${environment}`);
    const number = view.getBigUint64(NUMBER, true);
    if (number < newest) throw new Error(`the edge sent program ${number} after program ${newest}`);
    newest = number;
  };
}

function environmentOf(program: Uint8Array, view: DataView): string {
  const word = (at: number): number => view.getUint32(at, true);
  const string = word(STRINGS) + 8 * word(ENVIRONMENT);
  const start = word(TEXT) + word(string);
  return new TextDecoder().decode(program.subarray(start, start + word(string + 4)));
}

function decoded(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
