/** What a Worker gets for importing a module. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
