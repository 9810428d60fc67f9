/** Whether programs come from the holder of a private key: Ed25519 over all their bytes. */

/**
 * Resolves if `signature` (base64) is that of `program` under `publicKey`: SPKI, as the base64 text of a PEM file.
 *
 * @throws {Error} otherwise, and where this browser knows no Ed25519.
 */
export async function verify(publicKey: string, program: Uint8Array<ArrayBuffer>, signature: string | null): Promise<void> {
  if (signature === null) throw new Error("the edge sent a program without a signature");
  const { subtle } = crypto;
  const key = await subtle.importKey("spki", decoded(publicKey.replace(/-----.*?-----/g, "")), "Ed25519", false, ["verify"]);
  if (!(await subtle.verify("Ed25519", key, decoded(signature), program))) {
    throw new Error("the edge sent a program that somebody else signed, or changed");
  }
}

function decoded(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
