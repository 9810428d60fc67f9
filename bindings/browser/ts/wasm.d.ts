/** What a Worker gets for importing a module. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

/** The same as bytes, in a module of JavaScript. */
declare module "*-bytes.js" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
